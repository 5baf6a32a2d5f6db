"""Reads an LVIS annotation file with Python's json: image-level positives and verified negatives, as a user would."""

import json
import resource
import sys
import time

start = time.perf_counter()
with open(sys.argv[1], encoding="utf-8") as file:
    data = json.load(file)
listed = {image["id"] for image in data["images"]}
positives = {(a["image_id"], a["category_id"]) for a in data["annotations"] if a["image_id"] in listed}
negatives = {(image["id"], c) for image in data["images"] for c in image["neg_category_ids"]} - positives
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - start,
            "cpu": usage.ru_utime + usage.ru_stime,
            "rss": usage.ru_maxrss / 1024,
            "found": f"{len(listed)} images, {len(positives)} positives, {len(negatives)} negatives",
            "version": f"Python {sys.version.split()[0]}",
        }
    )
)
