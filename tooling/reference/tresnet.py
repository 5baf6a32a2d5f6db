"""TResNet in plain PyTorch operations, and the small fixture that packages/tresnet is compared with.

    python tooling/reference/tresnet.py            # writes packages/tresnet/fixtures/parity.json

Needs numpy and torch (any 2.x, CPU). Weights are not stored: both languages compute them from the key and the
position (`weights` below and packages/tresnet/src/parity-weights.ts). Everything runs in float64, so the fixture
carries no rounding of its own beyond the float32 of the weights.
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

EPSILON = 1e-5
MOMENTUM = 0.1
CLASSES = 5
# Odd from stage 1 on: 11x17, 6x9, 3x5, 2x3. Six pixels and two images leave 12 values per channel at the end.
BATCH, HEIGHT, WIDTH = 2, 44, 68

BASIC_FIRST = ["basic", "basic", "bottleneck", "bottleneck"]
VARIANTS = {
    "m": dict(layers=[3, 4, 11, 3], width=1.0, blocks=BASIC_FIRST),
    "l": dict(layers=[4, 5, 18, 3], width=1.2, blocks=BASIC_FIRST),
    "xl": dict(layers=[4, 5, 24, 3], width=1.3, blocks=BASIC_FIRST),
    "l-v2": dict(layers=[3, 4, 23, 3], width=1.0, blocks=["bottleneck"] * 4),
    "tiny": dict(layers=[2, 1, 1, 2], width=0.125, blocks=BASIC_FIRST),
}
# Variant, head and the number of the images. A value that rounding puts on the other side of a kink of ReLU changes
# a gradient by 1e-3, whoever computes it. So of the images 0, 1, 2, ... the first ones are taken that keep away from
# every kink (`python tooling/reference/tresnet.py search` prints them). The larger nets have too many activations for
# that; their norms get a bias of two deviations, half of them up and half down ("far").
CASES = [
    ("m", "linear", "near", 35),
    ("l", "linear", "far", 0),
    ("xl", "linear", "far", 12),
    ("l-v2", "bottleneck", "far", 57),
    ("tiny", "linear", "near", 0),
]


def uniform(name, count):
    """`count` float32 numbers in [-1, 1) from a name: FNV-1a of the name, then a 32-bit mixer per position."""
    seed = 0x811C9DC5
    for char in name.encode():
        seed = ((seed ^ char) * 0x01000193) & 0xFFFFFFFF
    x = (np.arange(count, dtype=np.uint64) * 0x9E3779B9 + seed) & 0xFFFFFFFF
    x ^= x >> 16
    x = (x * 0x7FEB352D) & 0xFFFFFFFF
    x ^= x >> 15
    x = (x * 0x846CA68B) & 0xFFFFFFFF
    x ^= x >> 16
    return ((x >> 8).astype(np.float64) / 2**23 - 1).astype(np.float32)


def weights(key, shape, bias):
    """
    The value of one tensor. Norm weights have both signs; every fifth is exactly 0 with bias 0, as training starts.
    (With weight 0 and a bias b, any implementation that keeps only the output knows the normalised input of that
    channel to no better than b * 6e-8 / 1e-5 in float32; 1e-4 could not be met.) The residual branches are scaled
    by .2: with full-size ones PyTorch's own float32 and float64 gradients differ by 1e-2.
    """
    u = uniform(key, math.prod(shape)).astype(np.float64)
    if bias == "far" and key.endswith(".1.bias"):
        gamma = weights(key.replace("bias", "weight"), shape, bias).numpy()
        u = np.where(u < 0, -2, 2) * (np.abs(gamma) + EPSILON)
    elif len(shape) == 4:
        u = u * math.sqrt(3 / (shape[1] * shape[2] * shape[3]))
    elif len(shape) == 2:
        u = u * math.sqrt(3 / shape[1])
    elif key.endswith("running_var"):
        u = 1 + u / 2
    else:
        u = u / 5 if key.endswith((".conv2.1.weight", ".conv3.1.weight")) else u if key.endswith("weight") else u / 10
        u = np.where(np.arange(u.size) % 5 == 0, 0, u)
    return torch.from_numpy(u.astype(np.float32).astype(np.float64)).reshape(shape)


class AbsWithEpsilon(torch.autograd.Function):
    """|w| + epsilon, whose derivative at 0 is +1."""

    @staticmethod
    def forward(ctx, w):
        ctx.save_for_backward(w)
        return w.abs() + EPSILON

    @staticmethod
    def backward(ctx, gradient):
        (w,) = ctx.saved_tensors
        return torch.where(w < 0, -gradient, gradient)


class Network:
    """Runs a forward pass; `get` makes tensors on demand and remembers them under their state-dict keys."""

    def __init__(self, layers, width, blocks, head, bias, dtype=torch.float64):
        self.layers, self.planes, self.blocks, self.head = layers, int(64 * width), blocks, head
        self.bias, self.dtype = bias, dtype
        self.state = {}
        self.kinks = []  # what ReLU and leaky ReLU are given

    def get(self, key, *shape):
        if key not in self.state:
            value = weights(key, shape, self.bias).to(self.dtype)
            self.state[key] = value.requires_grad_(not key.rsplit(".", 1)[1].startswith("running"))
        return self.state[key]

    def conv(self, x, key, out, size):
        weight = self.get(key + ".weight", out, x.shape[1], size, size)
        return F.conv2d(x, weight, padding=size // 2)

    def norm(self, x, key, slope):
        channels = x.shape[1]
        gamma = AbsWithEpsilon.apply(self.get(key + ".weight", channels))
        beta = self.get(key + ".bias", channels)
        mean, var = self.get(key + ".running_mean", channels), self.get(key + ".running_var", channels)
        x = F.batch_norm(x, mean, var, gamma, beta, self.training, MOMENTUM, EPSILON)
        if slope == 1:
            return x
        self.kinks.append(x.detach())
        return F.leaky_relu(x, slope)

    def blur(self, x):
        row = torch.tensor([1.0, 2.0, 1.0], dtype=x.dtype)
        kernel = (row[:, None] * row[None, :] / 16).expand(x.shape[1], 1, 3, 3)
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), kernel, stride=2, groups=x.shape[1])

    def conv_norm(self, x, base, out, size, slope, blur=False):
        inner = base + ".0" if blur else base
        x = self.norm(self.conv(x, inner + ".0", out, size), inner + ".1", slope)
        return self.blur(x) if blur else x

    def excite(self, x, key, reduction):
        channels = x.shape[1]
        s = x.mean((2, 3), keepdim=True)
        w1, b1 = self.get(key + ".fc1.weight", reduction, channels, 1, 1), self.get(key + ".fc1.bias", reduction)
        w2, b2 = self.get(key + ".fc2.weight", channels, reduction, 1, 1), self.get(key + ".fc2.bias", channels)
        return x * torch.sigmoid(F.conv2d(F.relu(F.conv2d(s, w1, b1)), w2, b2))

    def block(self, x, key, kind, planes, stride, excited):
        shortcut = x
        out = planes if kind == "basic" else 4 * planes
        if stride == 2 or x.shape[1] != out:
            if stride == 2:
                shortcut = F.avg_pool2d(shortcut, 2, 2, ceil_mode=True, count_include_pad=False)
            shortcut = self.conv_norm(shortcut, f"{key}.downsample.{stride - 1}", out, 1, 1)
        if kind == "basic":
            x = self.conv_norm(x, key + ".conv1", planes, 3, 1e-3, blur=stride == 2)
            x = self.conv_norm(x, key + ".conv2", planes, 3, 1)
            if excited:
                x = self.excite(x, key + ".se", max(planes // 4, 64))
        else:
            x = self.conv_norm(x, key + ".conv1", planes, 1, 1e-3)
            x = self.conv_norm(x, key + ".conv2", planes, 3, 1e-3, blur=stride == 2)
            if excited:
                x = self.excite(x, key + ".se", max(planes * 4 // 8, 64))
            x = self.conv_norm(x, key + ".conv3", out, 1, 1)
        x = x + shortcut
        self.kinks.append(x.detach())
        return F.relu(x)

    def forward(self, images, training):
        """images [b, 3, h, w] -> logits [b, classes]"""
        self.training = training
        b, c, h, w = images.shape
        x = images.view(b, c, h // 4, 4, w // 4, 4).permute(0, 3, 5, 1, 2, 4).reshape(b, 16 * c, h // 4, w // 4)
        x = self.conv_norm(x, "body.conv1", self.planes, 3, 1e-2)
        for stage in range(4):
            for index in range(self.layers[stage]):
                stride = 2 if stage > 0 and index == 0 else 1
                key = f"body.layer{stage + 1}.{index}"
                x = self.block(x, key, self.blocks[stage], self.planes * 2**stage, stride, stage < 3)
        x = x.mean((2, 3))
        if self.head == "bottleneck":
            x = self.linear(x, "head.fc.embedding_generator.0", 512)
            return self.linear(x, "head.fc.FC", CLASSES)
        return self.linear(x, "head.fc", CLASSES)

    def linear(self, x, key, out):
        return F.linear(x, self.get(key + ".weight", out, x.shape[1]), self.get(key + ".bias", out))


def selected(state):
    """Keys whose gradients go into the fixture: stem, first block of each stage, the last block, the head."""
    last = max(k for k in state if k.startswith("body.layer4"))
    block = last.rsplit(".", 3)[0]
    keys = [k for k in state if state[k].requires_grad and not k.endswith("running_mean")]
    wanted = ("body.conv1.", "body.layer1.0.", "body.layer2.0.", "body.layer3.0.", "body.layer4.0.", "head.")
    return [k for k in keys if k.startswith(wanted) or k.startswith(block)]


def sample(values, count=4):
    """Evenly spread positions of the flat PyTorch-ordered tensor."""
    flat = values.detach().reshape(-1)
    positions = [(i * (flat.numel() - 1)) // max(count - 1, 1) for i in range(count)]
    return [float(f"{flat[p].item():.8g}") for p in positions]


def number(x):
    return float(f"{float(x.detach() if torch.is_tensor(x) else x):.9g}")


def images(number):
    values = (uniform(f"images{number}", BATCH * HEIGHT * WIDTH * 3).astype(np.float64) + 1) / 2
    return torch.from_numpy(values).reshape(BATCH, HEIGHT, WIDTH, 3).permute(0, 3, 1, 2).contiguous()


def loss_of(logits):
    """A loss with a different, smooth gradient for every logit."""
    weight = torch.from_numpy(uniform("loss", logits.numel())).to(logits.dtype).reshape(logits.shape)
    return (F.softplus(logits) * weight).sum()


@torch.no_grad()
def search(variant, head, bias):
    """The first images whose activations all lie at least four times float32's error away from 0 in training."""
    networks = [Network(**VARIANTS[variant], head=head, bias=bias, dtype=dtype) for dtype in (torch.float64, torch.float32)]
    number = 0
    while True:
        seen = []
        for network in networks:
            network.kinks = []
            network.forward(images(number).to(network.dtype), training=True)
            seen.append(network.kinks)
        if all(keeps_away(exact, rounded) for exact, rounded in zip(*seen)):
            return number
        number += 1


def keeps_away(exact, rounded):
    error = (rounded.double() - exact).square().mean((0, 2, 3), keepdim=True).sqrt()
    return bool((exact.abs() >= 4 * error).all())


def case(variant, head, bias, image):
    images = images(image)
    network = Network(**VARIANTS[variant], head=head, bias=bias)
    with torch.no_grad():
        evaluated = network.forward(images, training=False)
    logits = network.forward(images, training=True)
    loss = loss_of(logits)
    loss.backward()
    state = network.state
    gradients = {k: {"norm": number(state[k].grad.norm()), "max": number(state[k].grad.abs().max()), "at": sample(state[k].grad)} for k in selected(state)}
    statistics = {k: {"norm": number(v.norm()), "at": sample(v)} for k, v in state.items() if "running" in k and ("conv1" in k or "downsample" in k)}
    return {
        "variant": variant, "head": head, "bias": bias, "images": image,
        "eval": [number(v) for v in evaluated.reshape(-1)], "train": [number(v) for v in logits.detach().reshape(-1)],
        "loss": number(loss), "gradients": gradients, "statistics": statistics,
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:] == ["search"]:
        for variant, head, bias, _ in CASES:
            print(variant, head, bias, search(variant, head, bias), flush=True)
        sys.exit()
    cases = []
    for variant, head, bias, image in CASES:
        cases.append(case(variant, head, bias, image))
        print(variant, head, "eval", cases[-1]["eval"][:2], "train", cases[-1]["train"][:2], "loss", cases[-1]["loss"])
    shape = {"batch": BATCH, "height": HEIGHT, "width": WIDTH, "classes": CLASSES}
    target = pathlib.Path(__file__).parents[2] / "packages/tresnet/fixtures/parity.json"
    rows = ",\n".join(json.dumps(c) for c in cases)
    target.write_text(f'{{"torch": "{torch.__version__}", "input": {json.dumps(shape)}, "tiny": {json.dumps(VARIANTS["tiny"])}, "cases": [\n{rows}\n]}}\n')
    print(target.stat().st_size, "bytes")
