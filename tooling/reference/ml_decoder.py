"""The ML-Decoder head (arXiv 2111.12933) in PyTorch, and the fixture that packages/tresnet is compared with.

    python tooling/reference/ml_decoder.py         # writes packages/tresnet/fixtures/ml-decoder.json

Needs numpy and torch (any 2.x, CPU). Modules have the names of the reference, so that its state-dict keys come out.
Weights are not stored: both languages compute them from the key and the position (`value` below and
packages/tresnet/test/decoder-weights.ts). Everything runs in float64.
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tresnet import loss_of, number, sample, uniform

IMAGES, HEIGHT, WIDTH, CHANNELS = 2, 2, 3, 20
HEADS, FEED_FORWARD, RATE = 8, 2048, 0.1
SEED, STEP = 5, 3
# Classes, decoder width, and either queries or the width of class embeddings.
CASES = {
    "a query per class": dict(classes=5, embedding=24, groups=5),
    "three classes per query, the last ones cut off": dict(classes=7, embedding=16, groups=3),
    "class embeddings": dict(classes=5, embedding=24, width=6),
    "class embeddings as wide as the decoder": dict(classes=4, embedding=16, width=16),
}


def value(key, shape):
    u = uniform(key, math.prod(shape)).astype(np.float64)
    if "query_embed" in key:
        u = u * math.sqrt(3)
    elif len(shape) >= 2:
        u = u * math.sqrt(3 / shape[1])
    else:
        u = 1 + u / 2 if "norm" in key and key.endswith("weight") else u / 10
    return torch.from_numpy(u.astype(np.float32).astype(np.float64)).reshape(shape)


class Layer(nn.Module):
    """A decoder layer without self-attention; `drop` is called where the reference drops out."""

    def __init__(self, width):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.multihead_attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.linear1 = nn.Linear(width, FEED_FORWARD)
        self.linear2 = nn.Linear(FEED_FORWARD, width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def attend(self, x, memory, drop):
        if drop is None:
            return self.multihead_attn(x, memory, memory)[0]
        attention = self.multihead_attn
        q, k, v = (
            F.linear(y, w, b).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for y, w, b in zip((x, memory, memory), attention.in_proj_weight.chunk(3), attention.in_proj_bias.chunk(3))
        )
        weights = drop(F.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]), dim=-1))
        return attention.out_proj((weights @ v).transpose(1, 2).flatten(2))

    def forward(self, x, memory, drop):
        keep = drop or (lambda y: y)
        x = self.norm1(x + keep(x))
        x = self.norm2(x + keep(self.attend(x, memory, drop)))
        return self.norm3(x + keep(self.linear2(keep(F.relu(self.linear1(x))))))


class Head(nn.Module):
    def __init__(self, classes, embedding, groups=None, width=None):
        super().__init__()
        self.decoder = nn.Module()
        self.classes, self.groups, self.width = classes, groups, width
        factor = 1 if width else -(-classes // groups)
        shape = (embedding, 1) if width else (groups, embedding, factor)
        self.decoder.duplicate_pooling = nn.Parameter(torch.empty(shape))
        self.decoder.duplicate_pooling_bias = nn.Parameter(torch.empty(1 if width else classes))
        if width:
            self.decoder.register_buffer("query_embed", torch.empty(classes, width))
        self.decoder.layers = nn.ModuleList([Layer(embedding)])
        self.decoder.embed_standart = nn.Linear(CHANNELS, embedding)
        if not width:
            self.decoder.query_embed = nn.Embedding(groups, embedding).requires_grad_(False)
        elif width != embedding:
            self.wordvec_proj = nn.Linear(width, embedding)

    def forward(self, x, drop=None):
        """x [images, channels, height, width] -> logits [images, classes]"""
        decoder = self.decoder
        memory = F.relu(decoder.embed_standart(x.flatten(2).transpose(1, 2)))
        if self.width:
            project = getattr(self, "wordvec_proj", lambda y: y)
            queries = F.relu(project(decoder.query_embed))
        else:
            queries = decoder.query_embed.weight
        x = decoder.layers[0](queries.expand(len(x), -1, -1), memory, drop)
        if self.width:
            return (x @ decoder.duplicate_pooling).flatten(1) + decoder.duplicate_pooling_bias
        scores = torch.einsum("bge,gef->bgf", x, decoder.duplicate_pooling).flatten(1)
        return scores[:, : self.classes] + decoder.duplicate_pooling_bias


def mulberry32(seed):
    mask = 0xFFFFFFFF
    while True:
        seed = (seed + 0x6D2B79F5) & mask
        t = seed
        t = ((t ^ (t >> 15)) * (t | 1)) & mask
        t = (t ^ (t + (((t ^ (t >> 7)) * (t | 61)) & mask))) & mask
        yield ((t ^ (t >> 14)) & mask) / 2**32


def dropout(seed, step):
    """The masks of packages/tresnet/src/ml-decoder/dropout.ts."""
    mixed = 0x811C9DC5 ^ seed
    for char in f"dropout {step}".encode():
        mixed = ((mixed ^ char) * 0x01000193) & 0xFFFFFFFF
    draws = mulberry32(mixed)

    def drop(x):
        rows, columns = (
            np.array([32 + 32 * next(draws) for _ in range(n)], dtype=np.float32)
            for n in (x.numel() // x.shape[-1], x.shape[-1])
        )
        products = rows[:, None] * columns[None, :]
        kept = (products - np.floor(products)) >= np.float32(RATE)
        return x * torch.from_numpy(kept / (1 - RATE)).reshape(x.shape)

    return drop


def summary(tensor):
    return {"norm": number(tensor.norm()), "max": number(tensor.abs().max()), "at": sample(tensor)}


def run(head, features, drop):
    x = features.clone().requires_grad_()
    head.zero_grad()
    logits = head(x.permute(0, 3, 1, 2), drop)
    loss_of(logits).backward()
    gradients = {"head." + k: summary(p.grad) for k, p in head.named_parameters() if p.requires_grad}
    return {"logits": [number(v) for v in logits.detach().reshape(-1)], "map": summary(x.grad), "gradients": gradients}


def case(name, sizes):
    head = Head(**sizes).double()
    state = head.state_dict()
    head.load_state_dict({key: value("head." + key, tuple(v.shape)) for key, v in state.items()})
    count = IMAGES * HEIGHT * WIDTH * CHANNELS
    features = torch.from_numpy(uniform("map", count).astype(np.float64)).reshape(IMAGES, HEIGHT, WIDTH, CHANNELS)
    shapes = [["head." + key, list(v.shape)] for key, v in state.items()]
    return {
        "name": name, **sizes, "shapes": shapes,
        "eval": run(head, features, None), "train": run(head, features, dropout(SEED, STEP)),
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    cases = [case(name, sizes) for name, sizes in CASES.items()]
    shape = {"map": [IMAGES, HEIGHT, WIDTH, CHANNELS], "seed": SEED, "step": STEP}
    target = pathlib.Path(__file__).parents[2] / "packages/tresnet/fixtures/ml-decoder.json"
    rows = ",\n".join(json.dumps(c) for c in cases)
    target.write_text(f'{{"torch": "{torch.__version__}", "input": {json.dumps(shape)}, "cases": [\n{rows}\n]}}\n')
    print(target.stat().st_size, "bytes")
