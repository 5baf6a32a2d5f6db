"""PyTorch's side of gpu-check's cases: a line of JSON on stdin is a question, its answer a line on stdout.

    device_worker.py DEVICE

{"prepare": job} makes network and data ready (src/gpu-check/speed/job.ts) and warms up; {"run": n} repeats n times. Every training
step moves the bytes of a batch to the device and computes forward, loss, gradients, Adam and the average of the weights. Only
the end of a run waits for the device, so that PyTorch never waits in between.
"""

import contextlib
import copy
import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from partial_selective_loss import PartialSelectiveLoss  # noqa: E402
from tresnet import TResNet, fold  # noqa: E402

device = sys.argv[1]
cuda = device == "cuda"
torch.backends.cudnn.benchmark = True


def pinned(tensor):
    return tensor.pin_memory() if cuda else tensor


def network(job):
    shape = job["shape"]
    torch.manual_seed(1)
    net = TResNet(job["classes"], shape["layers"], shape["width"], shape["blocks"])
    return net.to(memory_format=memory_format(job))


def memory_format(job):
    return torch.channels_last if job.get("channelsLast") else torch.contiguous_format


def autocast(job):
    return torch.autocast(device, torch.bfloat16) if job["precision"] == "bf16" else contextlib.nullcontext()


def compiled(net, job):
    if not job.get("compile"):
        return net
    # Graphs of the device, as ours; a CPU has none.
    return torch.compile(net, dynamic=False, mode="reduce-overhead" if cuda else None)


def host_images(job):
    images = torch.randint(0, 256, (job["batch"], 3, job["size"], job["size"]), dtype=torch.uint8)
    return pinned(images.contiguous(memory_format=memory_format(job)))


def to_device(images):
    return images.to(device, non_blocking=True).float().div_(255)


def train(job):
    net = network(job).to(device).train()
    run = compiled(net, job)
    parameters = list(net.parameters())
    average = [p.detach().clone() for p in parameters]
    adam = torch.optim.Adam(parameters, 1e-4, weight_decay=1e-4, fused=True)
    classes = job["classes"]
    prior = torch.where(torch.arange(classes) % 50 == 0, 0.9, 0.01).to(device)
    criterion = PartialSelectiveLoss(prior, min(200, classes >> 2), 0.05, (1, 2, 7))
    images = host_images(job)
    labels = pinned(torch.randint(-3, 2, (job["batch"], classes)).clamp(min=-1).float())

    def step():
        torch.compiler.cudagraph_mark_step_begin()
        x, y = to_device(images), labels.to(device, non_blocking=True)
        with autocast(job):
            logits = run(x)
        loss = criterion(logits.float(), y)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, parameters, 1 - 0.9997)

    return step


def infer(job):
    run = compiled(fold(copy.deepcopy(network(job).eval())).to(device), job)
    images = host_images(job)

    @torch.inference_mode()
    def step():
        torch.compiler.cudagraph_mark_step_begin()
        with autocast(job):
            logits = run(to_device(images))
        torch.sigmoid(logits.float()).cpu()

    return step


def wait():
    if cuda:
        torch.cuda.synchronize()


def timed(step, count):
    start = time.perf_counter()
    for _ in range(count):
        step()
    wait()
    return (time.perf_counter() - start) * 1e3


step = None


def answer(question):
    global step
    if "run" in question:
        ms = timed(step, question["run"])
        return {"ms": ms, "peakBytes": torch.cuda.max_memory_allocated() if cuda else None}
    step = None
    torch.compiler.reset()
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    job = question["prepare"]
    step = {"train": train, "infer": infer}[job["task"]](job)
    timed(step, 5)
    return {"ms": timed(step, 3) / 3}


for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:  # told to the one who asked, who goes on with the next
        step = None
        result = {"error": f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"}
    print(json.dumps(result), flush=True)
