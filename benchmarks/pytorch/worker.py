"""PyTorch on one task, for torch-benchmark.ts: a line on stdin is one repetition, its answer a line of JSON."""

import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from partial_selective_loss import PartialSelectiveLoss  # noqa: E402
from tresnet import TResNet, fold  # noqa: E402

job = json.loads(sys.argv[1])
torch.set_num_threads(job["threads"])
batch, size, classes = job["batch"], job["size"], job["classes"]
bf16 = job["precision"] == "bf16"
compiled = job.get("compile", False)


def images():
    return torch.rand(batch, 3, size, size).contiguous(memory_format=torch.channels_last)


def model():
    return TResNet(classes).to(memory_format=torch.channels_last)


def train():
    net = model().train()
    run = torch.compile(net) if compiled else net
    adam = torch.optim.Adam(net.parameters(), 1e-4, fused=True)
    images, labels = images(), (torch.rand(batch, classes) > 0.95).float()

    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = run(images)
        loss = F.binary_cross_entropy_with_logits(logits.float(), labels, reduction="sum")
        adam.zero_grad()
        loss.backward()
        loss.item()
        adam.step()

    return step


def infer():
    net = fold(model())
    run = torch.compile(net) if compiled else net
    images = images()

    @torch.inference_mode()
    def step():
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            run(images).float().numpy()

    return step


def loss():
    prior = torch.where(torch.arange(classes) % 50 == 0, 0.9, 0.01)
    criterion = PartialSelectiveLoss(prior, top_k=min(200, classes), threshold=0.05, gammas=(1, 2, 7))
    logits = (torch.randn(batch, classes) * 2 - 3).requires_grad_()
    u = torch.rand(batch, classes)
    labels = (u > 0.98).float() + (u > 0.99).float() - 1

    def step():
        logits.grad = None
        value = criterion(logits, labels)
        value.backward()
        value.item()

    return step


def optimizer():
    net = model()
    adam = torch.optim.Adam(net.parameters(), 1e-4, weight_decay=1e-4, fused=True)
    average = [p.detach().clone() for p in net.parameters()]
    for p in net.parameters():
        p.grad = torch.randn_like(p)

    @torch.no_grad()
    def step():
        adam.step()
        torch._foreach_lerp_(average, list(net.parameters()), 1 - 0.9997)

    return step


def overhead():
    x = torch.ones(64)

    def step():
        y = x
        for _ in range(1000):
            y = y + x
        y.numpy()

    return step


repeat = {"train": train, "infer": infer, "loss": loss, "optimizer": optimizer, "overhead": overhead}[job["task"]]()
# What is compiled at run time (graphs, V8's functions on the other side) is so after a few repetitions.
for _ in range(3):
    repeat()
print(json.dumps({"ready": torch.__version__}), flush=True)
for _ in sys.stdin:
    cpu, start = time.process_time(), time.perf_counter()
    repeat()
    ms = (time.perf_counter() - start) * 1e3
    cpu = (time.process_time() - cpu) * 1e3
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": ms, "cpuMs": cpu, "peakMb": peak}), flush=True)
