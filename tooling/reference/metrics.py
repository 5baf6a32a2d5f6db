"""Writes packages/metrics/fixtures/scikit-learn.json: metrics of a small partially annotated matrix by scikit-learn.

    python3 tooling/reference/metrics.py        (needs numpy and scikit-learn)

Scores are rounded to two digits so that many are equal, then stored as float32. Un-annotated entries (-1) are dropped
per class before scikit-learn sees them; micro drops them from the flattened matrix, samples per row.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

ROWS, CLASSES, THRESHOLD = 60, 7, 0.6
OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/scikit-learn.json"

rng = np.random.default_rng(20211110)
truth = (rng.random((ROWS, CLASSES)) < np.linspace(0.08, 0.6, CLASSES)).astype(np.int8)
scores = np.clip(0.6 * rng.random((ROWS, CLASSES)) + 0.35 * truth * rng.random((ROWS, CLASSES)), 0, 1)
scores = np.round(scores, 2).astype(np.float32)
labels = np.where(rng.random((ROWS, CLASSES)) < 0.3, -1, truth).astype(np.int8)


def known(column_scores, column_labels):
    keep = column_labels >= 0
    return column_labels[keep], column_scores[keep]


def both(y):
    return (y == 1).any() and (y == 0).any()


per_class = [average_precision_score(*known(scores[:, c], labels[:, c])) for c in range(CLASSES)]
support = np.array([(labels[:, c] == 1).sum() for c in range(CLASSES)])
rows = [known(scores[r], labels[r]) for r in range(ROWS)]
decisions = [(y, (s > np.float32(THRESHOLD)).astype(int)) for y, s in (known(scores[:, c], labels[:, c]) for c in range(CLASSES))]
every = tuple(np.concatenate([pair[i] for pair in decisions]) for i in (0, 1))


def per_class_mean(metric):
    return float(np.mean([metric(y, p, zero_division=0) for y, p in decisions]))


result = {
    "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    "numClasses": CLASSES,
    "scores": [float(v) for v in scores.ravel()],
    "labels": labels.ravel().tolist(),
    "ap": per_class,
    "mapC": float(np.mean(per_class)),
    "mapO": float(np.average(per_class, weights=support)),
    "micro": average_precision_score(*known(scores.ravel(), labels.ravel())),
    "samples": float(np.mean([average_precision_score(y, s) for y, s in rows if both(y)])),
    "threshold": THRESHOLD,
    "cp": per_class_mean(precision_score),
    "cr": per_class_mean(recall_score),
    "cf1": per_class_mean(f1_score),
    "op": precision_score(*every),
    "or": recall_score(*every),
    "of1": f1_score(*every),
}
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps(result, default=float) + "\n")
print(f"wrote {OUT.name}: mapC {result['mapC']:.6f}, {len(np.unique(scores))} distinct scores of {scores.size}")
