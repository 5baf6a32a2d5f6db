"""Writes packages/metrics/fixtures/compare.json: paired bootstrap comparisons of a small partially annotated case by numpy and
scikit-learn.

    python3 tooling/reference/compare.py        (needs numpy and scikit-learn)

Two questions: one model against another (first run of each setting), and two settings with three and two seeds. APs of a draw are
scikit-learn's with the numbers of draws as weights. The random numbers are mulberry32's, so that both sides draw the same samples
and the same Student deviates; everything else is written from the definitions:

    error of a draw     e_b = shrink * (d_b - mean d) + t-deviate of B - t-deviate of A
    shrink              root of (var(d_b) - interaction A - interaction B) / var(d_b)
    interaction         mean over seeds of var_b(AP of the seed - mean of the seeds) * R / (R - 1) / R
    t-deviate           root of (var between seeds / R) * Student t with R - 1 degrees of freedom
    interval            value +- quantile(|e_b| / se) * se; corrected: quantile of the largest |e_b| / se over the family
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score

ROWS, CLASSES, DRAWS, LEVEL, SEED, FEWEST = 70, 6, 150, 0.9, 5, 12
GROUPS = ["few", "few", "many", None, "many", "many"]
OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/compare.json"

rng = np.random.default_rng(20261129)
truth = (rng.random((ROWS, CLASSES)) < np.linspace(0.1, 0.5, CLASSES)).astype(np.int8)
labels = np.where(rng.random((ROWS, CLASSES)) < 0.2, -1, truth).astype(np.int8)


def scores(strength, shift):
    noise = rng.standard_normal((ROWS, CLASSES)) + 0.3 * rng.standard_normal(CLASSES)
    return np.round(strength * truth + common + noise + shift, 1).astype(np.float32)


common = 0.8 * rng.standard_normal((ROWS, CLASSES))
settings = [[scores(1.0, 0) for _ in range(3)], [scores(1.6, 3) for _ in range(2)]]


def mulberry32(seed):
    state = seed % 2**32
    while True:
        state = (state + 0x6D2B79F5) % 2**32
        t = ((state ^ (state >> 15)) * (state | 1)) % 2**32
        t ^= (t + (t ^ (t >> 7)) * (t | 61)) % 2**32
        yield (t ^ (t >> 14)) / 2**32


def student(count, degrees, random):
    def normal():
        radius = np.sqrt(-2 * np.log(1 - next(random)))
        return radius * np.cos(2 * np.pi * next(random))

    out = np.empty(count)
    for i in range(count):
        top = normal()
        out[i] = top / np.sqrt(np.mean([normal() ** 2 for _ in range(degrees)]))
    return out


def draw_samples():
    random = mulberry32(SEED)
    for _ in range(DRAWS):
        yield np.bincount([int(next(random) * ROWS) for _ in range(ROWS)], minlength=ROWS)


drawn = [np.ones(ROWS, int), *draw_samples()]


def ap(run, c, counts):
    keep = (labels[:, c] >= 0) & (counts > 0)
    y = labels[keep, c]
    if y.min() == y.max():
        return np.nan
    return average_precision_score(y, run[keep, c], sample_weight=counts[keep])


def positives(c, counts):
    return counts[labels[:, c] == 1].sum()


def setting_errors(runs, random):
    """runs: [seeds, 1 + draws]"""
    count, mean = len(runs), runs.mean(axis=0)
    if count == 1:
        return mean, 0.0, 0.0, 0.0
    interaction = np.nanvar((runs - mean)[:, 1:], axis=1, ddof=1).sum() / (count - 1) / count
    between = runs[:, 0].var(ddof=1) / count
    return mean, interaction, between, np.sqrt(between) * student(DRAWS, count - 1, random)


def difference(a, b):
    value, d = b[0][0] - a[0][0], (b[0] - a[0])[1:]
    images, seeds = np.nanvar(d, ddof=1), a[2] + b[2]
    left = max(0.0, images - a[1] - b[1])
    centred = d - np.nanmean(d)
    if left + seeds < images:
        return value, centred, np.sqrt(images)
    return value, np.sqrt(left / images) * centred + b[3] - a[3], np.sqrt(left + seeds)


def look(differences):
    ratios = [np.abs(e) / se for _, e, se in differences]
    largest = np.nanmax(ratios, axis=0)
    out = []
    for (value, _, se), ratio in zip(differences, ratios):
        ratio, own = ratio[~np.isnan(ratio)], abs(value) / se

        def said(sizes):
            half = np.quantile(sizes, LEVEL) * se
            p = (1 + (sizes >= own).sum()) / (1 + len(sizes))
            return {"low": max(-1, value - half), "high": min(1, value + half), "p": p}

        out.append({"value": value, "standardError": se, **said(ratio), "corrected": said(largest)})
    return out


def compare(chosen):
    random = mulberry32(SEED + 1)
    aps = [np.array([[[ap(run, c, n) for n in drawn] for c in range(CLASSES)] for run in runs]) for runs in chosen]
    weights = np.array([[positives(c, n) for n in drawn] for c in range(CLASSES)], float)
    enough = [c for c in range(CLASSES) if weights[c, 0] >= FEWEST]
    errors = [[setting_errors(own[:, c], random) for own in aps] for c in range(CLASSES)]
    classes = look([difference(*errors[c]) for c in enough])

    def mean_of(own, members, weight):
        used = np.where(np.isnan(own[:, members]), 0, weight[members])
        return np.nansum(own[:, members] * used, axis=1) / used.sum(axis=1)

    def family(members, weight):
        return difference(*[setting_errors(mean_of(own, members, weight), random) for own in aps])

    everything = list(range(CLASSES))
    map_c = look([family(everything, np.ones_like(weights))])[0]
    map_o = look([family(everything, weights)])[0]
    names = list(dict.fromkeys(g for g in GROUPS if g))
    groups = look([family([c for c in everything if GROUPS[c] == g], np.ones_like(weights)) for g in names])
    return {
        "mapC": map_c,
        "mapO": map_o,
        "groups": dict(zip(names, groups)),
        "classes": {str(c): found for c, found in zip(enough, classes)},
    }


golden = {
    "source": f"numpy {np.__version__}, scikit-learn {sklearn.__version__}",
    "numClasses": CLASSES,
    "labels": labels.ravel().tolist(),
    "settings": [[[round(float(x), 1) for x in run.ravel()] for run in runs] for runs in settings],
    "options": {"draws": DRAWS, "level": LEVEL, "seed": SEED, "minClassPositives": FEWEST},
    "groups": GROUPS,
    "models": compare([runs[:1] for runs in settings]),
    "seeds": compare(settings),
}
OUT.write_text(json.dumps(golden) + "\n")
