"""Pillow doing what `csl prepare` does; benchmarks/src/prepare.ts runs it.

    python prepare.py SHORT_EDGE THREADS COPIES FOLDER IMAGE...

Every image COPIES times: open, convert to RGB, resize the shorter side to SHORT_EDGE (bilinear), save as JPEG of
quality 90, 4:2:0, into a tar. Prints Pillow's version, seconds on the clock and seconds of all cores together.
"""

import io
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor

import PIL
from PIL import Image


def shrink(path):
    with Image.open(path) as image:
        rgb = image.convert("RGB")
    width, height = rgb.size
    short = min(width, height)
    if short > SHORT_EDGE:
        size = (int(SHORT_EDGE * width / short), int(SHORT_EDGE * height / short))
        rgb = rgb.resize(size, Image.Resampling.BILINEAR)
    out = io.BytesIO()
    rgb.save(out, "JPEG", quality=90, subsampling="4:2:0")
    return out.getvalue()


SHORT_EDGE, THREADS, COPIES = map(int, sys.argv[1:4])
FOLDER = sys.argv[4]
paths = sys.argv[5:] * COPIES
wall, cpu = time.perf_counter(), time.process_time()
with tarfile.open(f"{FOLDER}/pillow.tar", "w") as tar, ThreadPoolExecutor(THREADS) as pool:
    for i, jpeg in enumerate(pool.map(shrink, paths)):
        entry = tarfile.TarInfo(f"{i:06d}.jpg")
        entry.size = len(jpeg)
        tar.addfile(entry, io.BytesIO(jpeg))
print(f"Pillow {PIL.__version__}", time.perf_counter() - wall, time.process_time() - cpu, sep="\t")
