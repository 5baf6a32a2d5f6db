"""Golden trace for @csl/trainer: torch.optim.Adam and AdamW under OneCycleLR, grouped as the reference groups.

python tooling/reference/adam.py > packages/trainer/fixtures/adam.json      (made with torch 2.13)

Two parameters (a 2x3 weight that decays, a vector of 3 that does not), gradients from a fixed formula that
depends on the current weights, 12 steps. Every step's weights are recorded.
"""

import json

import torch

STEPS = 12
WEIGHT = [[0.5, -0.3, 0.8], [-1.2, 0.05, 0.0]]
BIAS = [0.1, -0.2, 0.3]


def gradient(value: torch.Tensor, step: int) -> torch.Tensor:
    """sin(3x + step) - 0.2 x: changes sign over the steps, so the moments matter."""
    return torch.sin(3 * value + step) - 0.2 * value


def trace(kind):
    weight = torch.nn.Parameter(torch.tensor(WEIGHT))
    bias = torch.nn.Parameter(torch.tensor(BIAS))
    groups = [{"params": [bias], "weight_decay": 0.0}, {"params": [weight], "weight_decay": 0.1}]
    optimizer = kind(groups, lr=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.02, total_steps=STEPS, pct_start=0.2)
    weights, biases = [], []
    for step in range(STEPS):
        weight.grad = gradient(weight.detach(), step)
        bias.grad = gradient(bias.detach(), step)
        optimizer.step()
        if step < STEPS - 1:
            schedule.step()
        weights.append(weight.detach().flatten().tolist())
        biases.append(bias.detach().flatten().tolist())
    return {"weight": weights, "bias": biases}


print(
    json.dumps(
        {
            "maxLr": 0.02,
            "weightDecay": 0.1,
            "steps": STEPS,
            "weight": WEIGHT,
            "bias": BIAS,
            "coupled": trace(torch.optim.Adam),
            "decoupled": trace(torch.optim.AdamW),
        }
    )
)
