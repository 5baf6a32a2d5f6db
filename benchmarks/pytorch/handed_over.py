"""What a benchmark in TypeScript left in a folder for PyTorch (src/in-pytorch.ts): a network, its weights, images and labels."""

import json

import numpy
import torch
import torch.nn.functional as F
from tresnet import EPSILON, TResNet


class EffectiveWeight(torch.autograd.Function):
    """|w| + eps as In-Place ABN has it: the sign of 0 is +1, so that a weight of 0 trains."""

    @staticmethod
    def forward(ctx, weight):
        ctx.save_for_backward(weight)
        return weight.abs() + EPSILON

    @staticmethod
    def backward(ctx, gradient):
        (weight,) = ctx.saved_tensors
        return torch.where(weight < 0, -gradient, gradient)


class InPlaceNorm(torch.nn.BatchNorm2d):
    def forward(self, x):
        weight = EffectiveWeight.apply(self.weight)
        return F.batch_norm(x, self.running_mean, self.running_var, weight, self.bias, self.training, 0.1, self.eps)


def network(shape, classes):
    """The network of a TResNetShape with In-Place ABN's norms, in training mode."""
    model = TResNet(classes, shape["layers"], shape["width"], shape["blocks"])
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.__class__ = InPlaceNorm
    return model


def load(folder):
    """-> (run, model, images [batches, batch, 3, height, width], labels [batches, batch, classes])"""
    with open(f"{folder}/run.json") as file:
        run = json.load(file)

    def read(name, shape):
        return torch.from_numpy(numpy.fromfile(f"{folder}/{name}.bin", numpy.float32).reshape(shape).copy())

    model = network(run["shape"], run["classes"])
    state = {key: read(f"state.{key}", size) for key, size in run["state"].items() if not key.endswith("num_batches_tracked")}
    model.load_state_dict(state, strict=False)
    return run, model, read("images", run["images"]).permute(0, 1, 4, 2, 3), read("labels", run["labels"])


def loss_of(model, images, labels):
    return F.binary_cross_entropy_with_logits(model(images.contiguous()).float(), labels, reduction="sum")
