"""Trains PyTorch's TResNet with the reference's loss and schedule on what pytorch-training.ts describes in a JSON file, and
prints the scores as JSON: the temporary model (Ignore), its mean predictions as the prior, then CSL and Negative.

Written from the reference's description: Adam with L2 on weights alone, OneCycle with 20 % of the steps to the top, averaged
weights without a warm-up, the better one of raw and averaged weights counts.
"""

import copy
import json
import os
import sys

import numpy
import torch
from PIL import Image

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from handed_over import network  # noqa: E402
from partial_selective_loss import PartialSelectiveLoss  # noqa: E402


def read_split(split, classes):
    """-> images uint8 [samples, 3, size, size], labels float [samples, classes]: 1, 0 or -1"""
    images = [numpy.asarray(Image.open(path).convert("RGB")) for path in split["files"]]
    labels = numpy.fromfile(split["labels"], numpy.int8).reshape(len(images), classes)
    return torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2).contiguous(), torch.from_numpy(labels).float()


def new_model(run):
    """The body from the file, the head and nothing else drawn: Linear with deviation 0.01, as the reference does."""
    model = network(run["shape"], run["classes"])
    torch.nn.init.normal_(model.head.fc.weight, std=0.01)
    state = {key: torch.from_numpy(value) for key, value in read_body(run["body"]).items()}
    left = model.load_state_dict(state, strict=False)
    missing = [key for key in left.missing_keys if not key.startswith("head.") and not key.endswith("num_batches_tracked")]
    if missing or left.unexpected_keys:
        raise ValueError(f"training.py: the body lacks {missing}, has {left.unexpected_keys}")
    return model


def read_body(path):
    """{key: float32 array} of a safetensors file's body."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = file.read()
    body = {}
    for key, entry in header.items():
        if key.startswith("body.") and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            body[key] = numpy.frombuffer(data[begin:end], numpy.float32).reshape(entry["shape"]).copy()
    return body


def parameter_groups(model, weight_decay):
    plain, decayed = [], []
    for name, parameter in model.named_parameters():
        (plain if parameter.dim() <= 1 or name.endswith(".bias") else decayed).append(parameter)
    return [{"params": plain, "weight_decay": 0}, {"params": decayed, "weight_decay": weight_decay}]


def train(run, loss, images, labels):
    """-> (model, averaged model)"""
    model = new_model(run)
    averaged = copy.deepcopy(model)
    steps = len(images) // run["batchSize"]
    adam = torch.optim.Adam(parameter_groups(model, run["weightDecay"]), run["lr"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        adam, run["lr"], steps_per_epoch=steps, epochs=run["epochs"], pct_start=0.2
    )
    for _ in range(run["epochs"]):
        order = torch.randperm(len(images))
        for step in range(steps):
            batch = order[step * run["batchSize"] : (step + 1) * run["batchSize"]]
            value = loss(model(images[batch].float() / 255), labels[batch])
            adam.zero_grad()
            value.backward()
            adam.step()
            schedule.step()
            with torch.no_grad():
                for mean, now in zip(averaged.state_dict().values(), model.state_dict().values()):
                    if mean.is_floating_point():
                        mean.lerp_(now, 1 - run["emaDecay"])
    return model, averaged


@torch.no_grad()
def predict(model, images):
    model.eval()
    return torch.cat([torch.sigmoid(model(part.float() / 255)) for part in images.split(100)])


def mean_average_precision(scores, labels):
    """mAP(C) in percent of full labels: the mean precision at the rank of each positive, then over classes with both."""
    values = []
    for column, truth in zip(scores.numpy().T, labels.numpy().T):
        if 0 < truth.sum() < len(truth):
            hits = truth[numpy.argsort(-column, kind="stable")]
            precision = numpy.cumsum(hits) / numpy.arange(1, len(hits) + 1)
            values.append(precision[hits == 1].mean())
    return 100 * float(numpy.mean(values))


def main():
    with open(sys.argv[1]) as file:
        run = json.load(file)
    torch.set_num_threads(run["threads"])
    torch.manual_seed(run["seed"])
    images, labels = read_split(run["train"], run["classes"])
    val_images, val_labels = read_split(run["val"], run["classes"])
    prior, scores = None, {}
    for name, setting in run["settings"].items():
        loss = PartialSelectiveLoss(prior, setting["topK"], setting["threshold"], setting["gammas"], setting["mode"])
        candidates = train(run, loss, images, labels)
        reached = [mean_average_precision(predict(model, val_images), val_labels) for model in candidates]
        best = candidates[reached.index(max(reached))]
        scores[name] = max(reached)
        if setting["mode"] == "ignore":
            prior = predict(best, images).mean(0)
    print(json.dumps({"scores": scores, "prior": prior.tolist()}))


main()
