"""What PyTorch makes of the training and the gradients that packages/tfjs-backend-torch is compared with.

    python tooling/reference/torch_agreement.py     # writes packages/tfjs-backend-torch/fixtures/agreement.json

Needs numpy and torch (any 2.x, CPU). Weights and images are not stored: both languages compute them from a name and a
position (`start` and `batch` below, agreement-data.ts there). Recorded are the loss of every one of 50 steps of Adam in
float32, and how far each parameter's gradient lies from float32's, |g - g32| / |g32|, when the forward pass runs under
autocast in bfloat16: what half precision costs in PyTorch.
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

sys.dont_write_bytecode = True
import tresnet  # noqa: E402  the one beside this file

# Small residual branches (`start`) and a small rate: an activation that rounding puts on the other side of ReLU's kink would
# change a loss by up to 3e-3 before the 50 steps are over, in PyTorch's own float32 against its float64. So none does.
STEPS, BATCHES, LR = 50, 4, 1e-4
TRAINING = dict(layers=[1, 1, 1, 1], width=0.125, classes=6, batch=8, size=64)
HALF = dict(layers=[1, 2, 2, 1], width=0.5, classes=20, batch=16, size=64)


def start(key, shape):
    """Convolutions and the head at random; norms at 1, those that end a residual branch at 0.2; every bias 0."""
    if len(shape) > 1:
        scale = np.float32(math.sqrt(3 / math.prod(shape[1:])))
        return torch.from_numpy(tresnet.uniform(key, math.prod(shape)) * scale).reshape(shape)
    if key.endswith((".conv2.1.weight", ".conv3.1.weight")):
        return torch.full(shape, 0.2)
    return torch.full(shape, 1.0 if key.endswith(("1.weight", "running_var")) else 0.0)


class Network(tresnet.Network):
    def __init__(self, layers, width, **_):
        super().__init__(layers, width, tresnet.BASIC_FIRST, "linear", "near", torch.float32)

    def get(self, key, *shape):
        if key not in self.state:
            self.state[key] = start(key, shape).requires_grad_("running" not in key)
        return self.state[key]


def batch(index, batch, size, classes, **_):
    """Images in [0, 1) and labels of which three tenths are present."""
    images = (tresnet.uniform(f"images{index}", batch * size * size * 3) + np.float32(1)) / np.float32(2)
    labels = tresnet.uniform(f"labels{index}", batch * classes) > 0.4
    images = torch.from_numpy(images).reshape(batch, size, size, 3).permute(0, 3, 1, 2).contiguous()
    return images, torch.from_numpy(labels.astype(np.float32)).reshape(batch, classes)


def loss_of(network, images, labels):
    return F.binary_cross_entropy_with_logits(network.forward(images, training=True).float(), labels, reduction="sum")


def training(shape):
    tresnet.CLASSES = shape["classes"]
    network = Network(**shape)
    batches = [batch(index, **shape) for index in range(BATCHES)]
    with torch.no_grad():
        loss_of(network, *batches[0])  # makes the parameters; the running statistics play no part in training
    adam = torch.optim.Adam([value for value in network.state.values() if value.requires_grad], LR)
    losses = []
    for step in range(STEPS):
        loss = loss_of(network, *batches[step % BATCHES])
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


def gradients(shape, half):
    tresnet.CLASSES = shape["classes"]
    network = Network(**shape)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = loss_of(network, *batch(0, **shape))
    loss.backward()
    return loss.item(), {key: value.grad for key, value in network.state.items() if value.requires_grad}


def half_precision(shape):
    (loss, exact), (rounded_loss, rounded) = gradients(shape, False), gradients(shape, True)
    errors = {key: ((rounded[key] - g).norm() / g.norm()).item() for key, g in exact.items()}
    return {
        "loss": loss,
        "lossError": abs(rounded_loss / loss - 1),
        "errors": {key: float(f"{error:.3g}") for key, error in errors.items()},
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    recorded = {
        "torch": torch.__version__,
        "training": {**TRAINING, "lr": LR, "batches": BATCHES, "losses": training(TRAINING)},
        "half": {**HALF, **half_precision(HALF)},
    }
    target = pathlib.Path(__file__).parents[2] / "packages/tfjs-backend-torch/fixtures/agreement.json"
    target.parent.mkdir(exist_ok=True)
    lines = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in recorded.items())
    target.write_text(f"{{\n{lines}\n}}\n")
    print(target.stat().st_size, "bytes")
