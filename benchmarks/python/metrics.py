"""Times mAP(C) by others on a score matrix that metrics.ts wrote; prints one JSON line.

CPU seconds, on one core.

    python3 metrics.py SCORES.f32 LABELS.i8 ROWS CLASSES RUNS
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"


def main():
    scores_path, labels_path, rows, classes, runs = *sys.argv[1:3], *map(int, sys.argv[3:6])
    report = {"missing": {}, "results": {}}
    try:
        import numpy as np
    except ImportError as error:
        report["missing"] = {name: str(error) for name in ("reference", "scikit-learn", "torchmetrics")}
        print(json.dumps(report))
        return
    scores = np.fromfile(scores_path, dtype=np.float32).reshape(rows, classes)
    labels = np.fromfile(labels_path, dtype=np.int8).reshape(rows, classes)
    for name, make in (("reference", reference), ("scikit-learn", scikit_learn), ("torchmetrics", torchmetrics)):
        try:
            compute, version = make(np, scores, labels)
        except Exception as error:  # a missing package, or one that does not fit its dependencies
            report["missing"][name] = f"{type(error).__name__}: {error}"
            continue
        seconds = []
        for _ in range(runs):
            start = time.process_time()
            value = compute()
            seconds.append(time.process_time() - start)
        report["results"][name] = {"version": version, "seconds": seconds, "mapC": float(value)}
    print(json.dumps(report))


def reference(np, scores, labels):
    """Rank AP as the reference defines it: sort down, precision at each positive, divided by positives + 1e-8."""

    def average_precision(column, label):
        order = column.argsort()[::-1]
        rank = np.cumsum(np.ones((len(column), 1)))
        hit = label[order] == 1
        found = np.cumsum(hit)
        total = found[-1]
        found[np.logical_not(hit)] = 0
        return np.sum(found / rank) / (total + 1e-8)

    def mean_over_classes():
        return np.mean([average_precision(scores[:, c], labels[:, c]) for c in range(scores.shape[1])])

    return mean_over_classes, f"numpy {np.__version__}"


def scikit_learn(np, scores, labels):
    import sklearn
    from sklearn.metrics import average_precision_score

    return lambda: average_precision_score(labels, scores, average="macro"), sklearn.__version__


def torchmetrics(np, scores, labels):
    import torch
    import torchmetrics as package
    from torchmetrics.functional.classification import multilabel_average_precision

    torch.set_num_threads(1)
    predictions, target = torch.from_numpy(scores), torch.from_numpy(labels).long()

    def compute():
        return multilabel_average_precision(predictions, target, num_labels=scores.shape[1], average="macro")

    return compute, f"{package.__version__}, torch {torch.__version__}"


if __name__ == "__main__":
    main()
