"""The convolutions of torch-profile.ts in PyTorch, channels-last, and what the machine can do at all; least times."""

import json
import re
import sys
import time

import torch

request = json.loads(sys.argv[1])
torch.set_num_threads(request["threads"])
torch.set_grad_enabled(False)
dtype = torch.bfloat16 if request["precision"] == "bf16" else torch.float32


def least(run):
    run()
    times = []
    for _ in range(2 * request["repeat"]):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def seconds(name, detail):
    height, width, inputs, outputs, side = map(int, re.fullmatch(r"(\d+)x(\d+) (\d+)->(\d+) @(\d+)", detail).groups())

    def tensor(*shape):
        return torch.randn(*shape).to(dtype).contiguous(memory_format=torch.channels_last)

    x, dy = tensor(request["batch"], inputs, side, side), tensor(request["batch"], outputs, side, side)
    w = tensor(outputs, inputs, height, width)
    padding = [height // 2, width // 2]
    if name == "conv":
        return least(lambda: torch.conv2d(x, w, padding=padding))
    mask = [name == "convInput", name == "convFilter", False]
    return least(
        lambda: torch.ops.aten.convolution_backward(dy, x, w, None, [1, 1], padding, [1, 1], False, [0, 0], 1, mask)
    )


def product(kind):
    a, b = torch.randn(2, 2048, 2048).to(kind)
    return 2 * 2048**3 / least(lambda: a @ b) / 1e9


def copy():
    source = torch.randn(1 << 26)
    target = torch.empty_like(source)
    return 2 * source.nbytes / least(lambda: target.copy_(source)) / 1e9


limits = {
    "float32 product GF/s": product(torch.float32),
    "bf16 product GF/s": product(torch.bfloat16),
    "copy, read and written, GB/s": copy(),
}
times = [seconds(entry["name"], entry["detail"]) for entry in request["convolutions"]]
print(json.dumps({"limits": limits, "seconds": times}))
