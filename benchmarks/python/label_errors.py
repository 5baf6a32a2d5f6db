"""cleanlab's ranking of the entries of a fully annotated multi-label set, for benchmarks/src/review.

Reads {"classes", "labels", "probabilities"} (row-major) from standard input, writes the positions of the worst entries.
"""

import json
import sys

import numpy as np
from cleanlab.multilabel_classification.rank import get_label_quality_scores_per_class

given = json.load(sys.stdin)
classes = given["classes"]
labels = np.array(given["labels"]).reshape(-1, classes)
probabilities = np.array(given["probabilities"]).reshape(-1, classes)
lists = [[int(c) for c in np.flatnonzero(row)] for row in labels]
worst = {
    method: np.argsort(
        get_label_quality_scores_per_class(lists, probabilities, method=method).ravel(), kind="stable"
    )[:100].tolist()
    for method in ("self_confidence", "normalized_margin")
}
json.dump(worst, sys.stdout)
