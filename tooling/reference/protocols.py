"""Writes packages/metrics/fixtures/protocols.json: an OpenImages-like and an LVIS-like evaluation under every protocol
of packages/metrics/src/protocols/protocols.ts, computed independently of it with scikit-learn, torchmetrics and plain numpy.

    python3 tooling/reference/protocols.py        (needs numpy, scikit-learn, torch and torchmetrics)

Scores are logits rounded to one digit, so that many are equal. The data is drawn here: per class a frequency, per entry
a verified positive, a verified negative or nothing, with classes that lack labels, positives or negatives among them.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
import torch
import torchmetrics
from sklearn.metrics import average_precision_score, precision_recall_curve
from torchmetrics.functional.classification import multilabel_average_precision

OUT = Path(__file__).resolve().parents[2] / "packages/metrics/fixtures/protocols.json"
MIN_POSITIVES = 5


def draw(rng, rows, classes, positive, negative):
    """Scores [rows, classes] and labels with `positive` and `negative` as the shares of truth that are verified."""
    frequency = np.geomspace(0.35, 0.01, classes)
    truth = rng.random((rows, classes)) < frequency
    scores = np.round(2.5 * truth * rng.random((rows, classes)) + 1.5 * rng.standard_normal((rows, classes)) - 3, 1)
    verified = rng.random((rows, classes)) < np.where(truth, positive, negative)
    labels = np.where(verified, truth, -1).astype(np.int8)
    labels[:, 3] = -1  # a class nobody annotated
    labels[:, 7] = np.where(labels[:, 7] == 1, -1, labels[:, 7])  # one without positives
    labels[:, 11] = np.where(labels[:, 11] == 0, -1, labels[:, 11])  # one without negatives
    return scores.astype(np.float32), labels


# ---- AP of one class: y in {0, 1}, s scores


def step(y, s):
    return float(average_precision_score(y, s)) if (y == 1).any() else 0.0


def rank(y, s):
    """The ASL family's: every positive at its own rank, negatives first among equal scores, / (positives + 1e-8)."""
    order = np.lexsort((y, -s))  # by falling score, then 0 before 1
    y = y[order]
    precision = np.cumsum(y) / np.arange(1, len(y) + 1)
    return float((precision * y).sum() / (y.sum() + 1e-8))


def envelope(y, s):
    """Recall rising, precision made monotone: scikit-learn's curve turned around."""
    precision, recall, _ = precision_recall_curve(y, s)
    precision, recall = precision[::-1][1:], recall[::-1][1:]
    return recall, np.maximum.accumulate(precision[::-1])[::-1]


def voc10(y, s):
    recall, precision = envelope(y, s)
    return float(np.sum(np.diff(recall, prepend=0) * precision))


def at_recalls(steps):
    def area(y, s):
        recall, precision = envelope(y, s)
        found = np.rint(recall * y.sum()).astype(int)  # as counts: recall 0.1 is reached exactly or not
        return float(np.mean([precision[np.argmax(found * steps >= k * y.sum())] for k in range(steps + 1)]))

    return area


# ---- which classes count


def lacks(y):
    positives, negatives = (y == 1).sum(), (y == 0).sum()
    return "labels" if positives + negatives == 0 else "positives" if positives == 0 else "negatives" if negatives == 0 else None


def evaluate(scores, labels, ap, drop, counted=None, min_positives=0, absent=False):
    labels = np.where(labels == -1, 0, labels) if absent else labels
    aps, positives, chosen = [], [], []
    for c in range(labels.shape[1]):
        known = labels[:, c] >= 0
        y, s = labels[known, c], scores[known, c]
        if (counted is not None and not counted[c]) or lacks(y) in drop:
            continue
        if 0 < (y == 1).sum() < min_positives:
            continue
        aps.append(ap(y, s) if (y == 1).any() else 0.0)
        positives.append(int((y == 1).sum()))
        chosen.append(c)
    aps, positives = np.array(aps), np.array(positives)
    return {
        "mapC": float(aps.mean()),
        "mapO": float((aps * positives).sum() / positives.sum()),
        "validClasses": len(chosen),
    }, dict(zip(chosen, aps.tolist()))


BOTH, ANY, POSITIVE = {"labels", "positives", "negatives"}, {"labels"}, {"labels", "positives"}


def by_group(aps, group_of, names):
    return {g: float(np.mean([ap for c, ap in aps.items() if group_of[c] == g])) for g in names if any(group_of[c] == g for c in aps)}


def data_set(rng, rows, classes, positive, negative):
    scores, labels = draw(rng, rows, classes, positive, negative)
    train = np.round(np.geomspace(4000, 3, classes) * rng.uniform(0.6, 1.4, classes)).astype(int)
    trainable = train >= 12
    frequency = np.where(train < 10, "r", np.where(train < 100, "c", "f"))
    # G1 (fewest) … G5 of the trainable classes; equal counts in class order
    order = [c for c in np.argsort(train, kind="stable") if trainable[c]]
    five = {int(c): f"G{i + 1}" for i, part in enumerate(np.array_split(np.array(order), 5)) for c in part}

    run = {}
    run["csl"], _ = evaluate(scores, labels, rank, BOTH)
    run["annotated"], _ = evaluate(scores, labels, step, BOTH)
    run["annotated-supported"], _ = evaluate(scores, labels, step, BOTH, min_positives=MIN_POSITIVES)
    run["openimages"], _ = evaluate(scores, labels, step, ANY, counted=trainable)
    run["openimages-v3"], aps = evaluate(scores, labels, step, ANY, counted=trainable)
    run["openimages-v3"]["groups"] = by_group(aps, five, ["G1", "G2", "G3", "G4", "G5"])
    run["un-annotated-negative"], _ = evaluate(scores, labels, rank, set(), absent=True)
    run["full-labels"], _ = evaluate(scores, labels, step, set(), absent=True)
    run["voc07"], _ = evaluate(scores, labels, at_recalls(10), POSITIVE)
    run["voc10"], _ = evaluate(scores, labels, voc10, POSITIVE)
    run["lvis"], aps = evaluate(scores, labels, at_recalls(100), POSITIVE)
    run["lvis"]["groups"] = by_group(aps, frequency, ["r", "c", "f"])
    run["lvis-reproduction"], _ = evaluate(scores, labels, rank, set())
    run["mmpretrain"] = dict(run["lvis-reproduction"])

    # torchmetrics fails on a class whose entries are all ignored: that one counts as 0 here, as those without positives.
    labelled = (labels >= 0).any(axis=0)
    probabilities = torch.sigmoid(torch.from_numpy(scores[:, labelled]).double())
    target = torch.from_numpy(labels[:, labelled].astype(np.int64))
    aps = multilabel_average_precision(probabilities, target, num_labels=int(labelled.sum()), average=None, ignore_index=-1)
    aps = aps.double().numpy()
    positives = (labels[:, labelled] == 1).sum(axis=0)
    run["torchmetrics"] = {
        "mapC": float(aps.sum() / classes),
        "mapO": float((aps * positives).sum() / positives.sum()),
        "validClasses": classes,
    }
    known = labels.ravel() >= 0
    run["micro"] = {"micro": float(average_precision_score(labels.ravel()[known], scores.ravel()[known]))}
    return {
        "numClasses": classes,
        "scores": [round(float(v), 1) for v in scores.ravel()],
        "labels": labels.ravel().tolist(),
        "trainAnnotations": train.tolist(),
        "trainable": trainable.tolist(),
        "frequency": frequency.tolist(),
        "minPositives": MIN_POSITIVES,
        "protocols": run,
    }


rng = np.random.default_rng(20211110)
result = {
    "versions": {
        "scikit-learn": sklearn.__version__,
        "numpy": np.__version__,
        "torchmetrics": torchmetrics.__version__,
        "torch": torch.__version__,
    },
    "openimages": data_set(rng, 300, 40, positive=0.6, negative=0.1),
    "lvis": data_set(rng, 250, 36, positive=0.9, negative=0.2),
}
OUT.write_text(json.dumps(result, separators=(",", ":")) + "\n")
for name in ("openimages", "lvis"):
    scores = {k: round(100 * v.get("mapC", v.get("micro")), 2) for k, v in result[name]["protocols"].items()}
    print(name, scores)
