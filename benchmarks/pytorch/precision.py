"""How far PyTorch's gradients under autocast in bfloat16 lie from its float32's, |g - g32| / |g32| of each parameter, for the
network and images that torch-precision.ts wrote into a folder. Prints JSON."""

import json
import os
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from handed_over import load, loss_of  # noqa: E402

_, model, images, labels = load(sys.argv[1])
model = model.to(memory_format=torch.channels_last)


def gradients(half):
    model.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = loss_of(model, images[0], labels[0])
    loss.backward()
    return {key: value.grad.clone() for key, value in model.named_parameters()}


exact, rounded = gradients(False), gradients(True)
print(json.dumps({key: ((rounded[key] - g).norm() / g.norm()).item() for key, g in exact.items()}))
