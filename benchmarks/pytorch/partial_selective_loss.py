"""The selective partial loss by the reference's way of computing it: every step a tensor, the top-k by a sort of all entries.

Written from its description (focal weights without gradient, top-k * batch likeliest un-annotated entries and classes with a
prior over the threshold ignored); the steps and their cost are the reference's, the text is ours.
"""

import torch
from torch import nn


class PartialSelectiveLoss(nn.Module):
    """gammas: of positives, annotated negatives and un-annotated entries; mode: selective, ignore or negative."""

    def __init__(self, prior, top_k, threshold, gammas, mode="selective"):
        super().__init__()
        self.prior, self.top_k, self.threshold, self.gammas, self.mode = prior, top_k, threshold, gammas, mode

    def forward(self, logits, labels):
        positive = (labels == 1).float()
        negative = (labels == 0).float()
        unannotated = (labels == -1).float()
        p = torch.sigmoid(logits)
        q = 1 - p
        weights = self.weights(p, labels)
        loss = positive * torch.log(p.clamp(min=1e-8)) + negative * torch.log(q.clamp(min=1e-8))
        loss = loss + unannotated * torch.log(q.clamp(min=1e-8))
        with torch.no_grad():
            base = 1 - p * positive - q * (negative + unannotated)
            gamma = self.gammas[0] * positive + self.gammas[1] * negative + self.gammas[2] * unannotated
            focus = torch.pow(base, gamma)
        return -(loss * focus * weights).sum()

    @torch.no_grad()
    def weights(self, p, labels):
        weights = torch.ones_like(labels)
        if self.mode == "ignore":
            weights[labels == -1] = 0
        if self.mode != "selective":
            return weights
        by_prior = (self.prior > self.threshold)[None] & (labels == -1)
        weights[by_prior] = 0
        candidates = torch.where(labels == -1, p, torch.full_like(p, -1)).flatten()
        order = torch.argsort(candidates, descending=True)[: self.top_k * labels.shape[0]]
        flat = weights.view(-1)
        flat[order] = torch.where(candidates[order] >= 0, torch.zeros_like(candidates[order]), flat[order])
        return weights
