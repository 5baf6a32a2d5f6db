"""Golden values for findLabelErrors of @csl/metrics: cleanlab's confident joint and quality scores, one class against the rest.

    python tooling/reference/label_errors.py > packages/metrics/fixtures/label-errors.json

Needs cleanlab 2.9 and numpy.
"""

import json

import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class


def main():
    rng = np.random.default_rng(0)
    samples, classes = 60, 3
    truth = (rng.random((samples, classes)) < [0.5, 0.2, 0.35]).astype(int)
    logits = np.where(truth == 1, 1.2, -1.2) + rng.normal(0, 1.3, truth.shape)
    probabilities = np.round(1 / (1 + np.exp(-logits)), 4)
    labels = np.where(rng.random(truth.shape) < 0.1, 1 - truth, truth)
    joints = [
        compute_confident_joint(
            labels[:, c], np.stack([1 - probabilities[:, c], probabilities[:, c]], axis=1), calibrate=False
        )
        for c in range(classes)
    ]
    lists = [[int(c) for c in np.flatnonzero(row)] for row in labels]
    quality = get_label_quality_scores_per_class(lists, probabilities)
    print(
        json.dumps(
            {
                "classes": classes,
                "labels": labels.ravel().tolist(),
                "probabilities": probabilities.ravel().tolist(),
                # [class][annotated][seemingly], each row scaled to the labels with it
                "joints": [
                    (joint / joint.sum(axis=1, keepdims=True) * np.bincount(labels[:, c])[:, None])
                    .round(9)
                    .tolist()
                    for c, joint in enumerate(joints)
                ],
                "worst": np.argsort(quality.ravel(), kind="stable")[:20].tolist(),
            }
        )
    )


main()
