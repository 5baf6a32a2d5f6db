"""Trains PyTorch's TResNet on what torch-agreement.ts wrote into a folder, and prints the loss of every step as JSON."""

import json
import os
import sys

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from handed_over import load, loss_of  # noqa: E402

run, model, images, labels = load(sys.argv[1])
# TF32 would round the products of float32.
torch.backends.cudnn.allow_tf32 = False
model, images, labels = (value.to(run["device"]) for value in (model, images, labels))
adam = torch.optim.Adam(model.parameters(), run["lr"], betas=(run["beta1"], 0.999))
losses = []
for step in range(run["steps"]):
    i = step % images.shape[0]
    loss = loss_of(model, images[i], labels[i])
    adam.zero_grad()
    loss.backward()
    adam.step()
    losses.append(loss.item())
print(json.dumps(losses))
