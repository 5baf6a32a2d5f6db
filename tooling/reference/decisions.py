"""Writes packages/metrics/fixtures/decisions.json: thresholds, calibration, ranking and resampled AP of a small partially
annotated matrix by scikit-learn, torchmetrics and numpy.

    python3 tooling/reference/decisions.py        (needs numpy, scikit-learn, torch and torchmetrics)

Scores are logits rounded to two digits so that some are equal, then stored as float32. Un-annotated entries (-1) are
dropped per class, or per sample for the ranking metrics, before the libraries see them. Bins are checked against numbers
well away from their edges: torchmetrics compares in float32.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
import torch
import torchmetrics
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    coverage_error,
    fbeta_score,
    label_ranking_average_precision_score,
    label_ranking_loss,
    log_loss,
    precision_recall_curve,
)
from torchmetrics.functional.classification import binary_calibration_error

ROWS, CLASSES, BINS, TEMPERATURE = 150, 6, 15, 1.7
ADAPTIVE_BINS = 13  # no quantile of this data's sizes falls on an entry, where interpolation would round it either way
OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/decisions.json"

rng = np.random.default_rng(20221124)
truth = (rng.random((ROWS, CLASSES)) < np.linspace(0.05, 0.5, CLASSES)).astype(np.int8)
logits = np.round(2.5 * rng.standard_normal((ROWS, CLASSES)) + 3 * truth - 2, 2).astype(np.float32)
labels = np.where(rng.random((ROWS, CLASSES)) < 0.35, -1, truth).astype(np.int8)
labels[3] = -1  # a sample nobody annotated
labels[4] = np.where(labels[4] == 1, -1, labels[4])  # one without positives
labels[5] = np.where(labels[5] == 0, -1, labels[5])  # one without negatives


def known(x, y):
    keep = y >= 0
    return y[keep].astype(int), x[keep]


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def adaptive_ece(y, p):
    """scikit-learn's quantile bins; its table leaves out the sizes, so they are counted at the same edges."""
    assert (len(p) - 1) % ADAPTIVE_BINS != 0
    share, confidence = calibration_curve(y, p, n_bins=ADAPTIVE_BINS, strategy="quantile")
    edges = np.percentile(p, np.linspace(0, 100, ADAPTIVE_BINS + 1))
    sizes = np.bincount(np.searchsorted(edges[1:-1], p), minlength=ADAPTIVE_BINS)
    return float(np.abs(share - confidence) @ sizes[sizes > 0] / len(p))


def figures(x, y, temperature=1.0):
    y, x = known(x, y)
    p = sigmoid(x / temperature)
    assert np.abs(p * BINS - np.round(p * BINS)).min() > 1e-5
    ece = binary_calibration_error(torch.tensor(p), torch.tensor(y), n_bins=BINS, norm="l1")
    return {"ece": float(ece), "adaptiveEce": adaptive_ece(y, p), "brier": brier_score_loss(y, p)}


def temperature(x, y):
    """Logistic regression on the logit alone, without an intercept and without a penalty, has 1 / T as its weight."""
    y, x = known(x, y)
    x = x.astype(np.float64).reshape(-1, 1)
    model = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-10, solver="newton-cg", max_iter=1000).fit(x, y)
    return 1 / float(model.coef_[0, 0])


def best_f(x, y, beta):
    """The largest F-beta over all thresholds, and the middle between the score that reaches it and the next lower one."""
    y, x = known(x, y)
    scores = np.unique(x)
    values = [fbeta_score(y, x >= s, beta=beta, zero_division=0) for s in scores]
    at = len(scores) - 1 - int(np.argmax(values[::-1]))
    return {"value": float(values[at]), "threshold": float((scores[at - 1] + scores[at]) / 2)}


def best_recall(x, y, least):
    """Where no threshold is that precise: the recall of the most precise one."""
    y, x = known(x, y)
    precision, recall, _ = precision_recall_curve(y, x)
    precision, recall = precision[:-1], recall[:-1]  # without the point at infinity
    return float(recall[precision >= min(least, precision.max())].max())


def samples(metric, one_sided):
    """A library call per sample on its annotated classes; `one_sided` is what counts where it refuses one class."""
    values = []
    for x, y in zip(logits, labels):
        y, x = known(x, y)
        if len(y) == 0:
            continue
        values.append(metric([y], [x]) if len(y) > 1 else one_sided(y))
    return float(np.mean(values))


columns = [(logits[:, c], labels[:, c]) for c in range(CLASSES)]
flat_y, flat_x = known(logits.ravel(), labels.ravel())
best = temperature(logits.ravel(), labels.ravel())
drawn = rng.multinomial(ROWS, np.full(ROWS, 1 / ROWS))

result = {
    "versions": {
        "scikit-learn": sklearn.__version__,
        "torchmetrics": torchmetrics.__version__,
        "numpy": np.__version__,
    },
    "numClasses": CLASSES,
    "logits": [float(v) for v in logits.ravel()],
    "labels": labels.ravel().tolist(),
    "f1": [best_f(x, y, 1) for x, y in columns],
    "f2": [best_f(x, y, 2) for x, y in columns],
    "globalF1": best_f(logits.ravel(), labels.ravel(), 1),
    "recallAtPrecision": {"precision": 0.6, "recall": [best_recall(x, y, 0.6) for x, y in columns]},
    "adaptiveBins": ADAPTIVE_BINS,
    "calibration": figures(logits.ravel(), labels.ravel()),
    "calibrationPerClass": [figures(x, y) for x, y in columns],
    "scaledBy": TEMPERATURE,
    "calibrationScaled": figures(logits.ravel(), labels.ravel(), TEMPERATURE),
    "temperature": best,
    "temperaturePerClass": [temperature(x, y) for x, y in columns],
    "logLoss": [log_loss(flat_y, sigmoid(flat_x)), log_loss(flat_y, sigmoid(flat_x / best))],
    "lrap": samples(label_ranking_average_precision_score, lambda y: 1.0),
    "coverage": samples(coverage_error, lambda y: float(y[0])),
    "rankingLoss": samples(label_ranking_loss, lambda y: 0.0),
    "drawn": drawn.tolist(),
    "drawnAp": [
        average_precision_score(known(x, y)[0], known(x, y)[1], sample_weight=drawn[y >= 0]) for x, y in columns
    ],
}
OUT.write_text(json.dumps(result, default=float) + "\n")
print(f"wrote {OUT.name}: ECE {result['calibration']['ece']:.6f}, T {best:.6f}, LRAP {result['lrap']:.6f}")
