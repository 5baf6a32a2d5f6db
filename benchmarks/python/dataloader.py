"""torchvision's DataLoader on the reference's training transform; benchmarks/src/image-batches.ts talks to it.

    python dataloader.py SIZE WORKERS {uint8,float32} {none,reference} {loader,threads} IMAGE...

`loader`: transforms.Resize on PIL images, the reference's CutoutPIL, RandAugment with the policy of PyPI randaugment
1.0.2 (written out below: the package itself fails on numpy >= 1.24), then pil_to_tensor (uint8) or ToTensor (float32),
in a torch.utils.data.DataLoader with WORKERS processes that stay alive. `threads`: Pillow alone, decode and resize.
For every line on stdin it reads all images once and prints the seconds on the clock and of all cores together.
"""

import os
import random
import sys
import time

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

GREY = (128, 128, 128)
AFFINE = Image.Transform.AFFINE
BICUBIC = Image.Resampling.BICUBIC


class CutoutPIL:
    """The reference's, with its names."""

    def __init__(self, cutout_factor=0.5):
        self.cutout_factor = cutout_factor

    def __call__(self, x):
        img_draw = ImageDraw.Draw(x)
        h, w = x.size[0], x.size[1]
        h_cutout = int(self.cutout_factor * h + 0.5)
        w_cutout = int(self.cutout_factor * w + 0.5)
        y_c = np.random.randint(h)
        x_c = np.random.randint(w)
        y1 = np.clip(y_c - h_cutout // 2, 0, h)
        y2 = np.clip(y_c + h_cutout // 2, 0, h)
        x1 = np.clip(x_c - w_cutout // 2, 0, w)
        x2 = np.clip(x_c + w_cutout // 2, 0, w)
        colour = (random.randint(0, 255), random.randint(0, 255), random.randint(0, 255))
        img_draw.rectangle([x1, y1, x2, y2], fill=colour)
        return x


def rotate(image, degrees):
    turned = image.convert("RGBA").rotate(degrees)
    return Image.composite(turned, Image.new("RGBA", turned.size, (128,) * 4), turned).convert(image.mode)


def small_cutout(image, pixels):
    out = image.copy()
    x, y, half = np.random.randint(image.width), np.random.randint(image.height), int(pixels) // 2
    box = (max(x - half, 0), max(y - half, 0), min(x + half, image.width), min(y + half, image.height))
    out.paste((125, 122, 113), box)
    return out


def affine(image, matrix, resample=Image.Resampling.NEAREST):
    return image.transform(image.size, AFFINE, matrix, resample, fillcolor=GREY)


def sign():
    return random.choice([-1, 1])


NONE = [0] * 10
STRENGTH = np.linspace(0, 0.9, 10)
SHEAR = np.linspace(0, 0.3, 10)
SHIFT = np.linspace(0, 150 / 331, 10)
OPS = [
    (NONE, lambda i, m: ImageOps.invert(i)),
    (np.round(np.linspace(0, 20, 10)).astype(int), small_cutout),
    (STRENGTH, lambda i, m: ImageEnhance.Sharpness(i).enhance(1 + m * sign())),
    (NONE, lambda i, m: ImageOps.autocontrast(i)),
    (np.round(np.linspace(8, 4, 10)).astype(int), lambda i, m: ImageOps.posterize(i, int(m))),
    (SHEAR, lambda i, m: affine(i, (1, m * sign(), 0, 0, 1, 0), BICUBIC)),
    (SHIFT, lambda i, m: affine(i, (1, 0, m * i.width * sign(), 0, 1, 0))),
    (SHIFT, lambda i, m: affine(i, (1, 0, 0, 0, 1, m * i.height * sign()))),
    (SHEAR, lambda i, m: affine(i, (1, 0, 0, m * sign(), 1, 0), BICUBIC)),
    (np.linspace(0, 30, 10), rotate),
    (NONE, lambda i, m: ImageOps.equalize(i)),
    (STRENGTH, lambda i, m: ImageEnhance.Contrast(i).enhance(1 + m * sign())),
    (STRENGTH, lambda i, m: ImageEnhance.Color(i).enhance(1 + m * sign())),
    (np.linspace(256, 0, 10), lambda i, m: ImageOps.solarize(i, float(m))),
    (STRENGTH, lambda i, m: ImageEnhance.Brightness(i).enhance(1 + m * sign())),
]


class RandAugment:
    """Two (operation, magnitude) pairs, each applied with probability 1/2."""

    def __call__(self, image):
        for amounts, apply in random.choices(OPS, k=2):
            amount = amounts[random.randint(1, 9)]
            if random.random() < 0.5:
                image = apply(image, amount)
        return image


def import_torchvision():
    """Only its PIL transforms are used: compiled operations that do not fit this torch must not stand in the way."""
    import torch

    register = torch.library.register_fake

    def tolerant(op, *rest, **options):
        if isinstance(op, str) and op.startswith("torchvision::") and not hasattr(torch.ops.torchvision, op[13:]):
            return lambda function: function
        return register(op, *rest, **options)

    torch.library.register_fake = tolerant
    import torchvision

    torch.library.register_fake = register
    return torch, torchvision


def cpu_seconds(pids):
    """On-CPU time of processes (all threads), from the kernel's nanosecond counters."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                total += int(file.read().split()[0])
    return total / 1e9


def dataloader(paths, size, workers, dtype, augment):
    torch, torchvision = import_torchvision()
    from torchvision import transforms

    torch.set_num_threads(1)
    extra = [CutoutPIL(0.5), RandAugment()] if augment == "reference" else []
    last = transforms.PILToTensor() if dtype == "uint8" else transforms.ToTensor()
    transform = transforms.Compose([transforms.Resize((size, size)), *extra, last])

    class Images(torch.utils.data.Dataset):
        def __len__(self):
            return len(paths)

        def __getitem__(self, index):
            return transform(Image.open(paths[index]).convert("RGB")), index

    loader = torch.utils.data.DataLoader(
        Images(), batch_size=16, num_workers=workers, persistent_workers=True, prefetch_factor=2
    )
    pids = [os.getpid()]

    def run():
        # The last batch has left the workers when the loop ends, so their counters stand still.
        for images, _ in loader:
            if images.shape[-1] != size:
                raise ValueError(images.shape)
        pids[1:] = [worker.pid for worker in loader._iterator._workers]

    print("torch", torch.__version__, "torchvision", torchvision.__version__, "Pillow", Image.__version__, flush=True)
    return run, pids


def threads(paths, size, workers):
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers)

    def load(path):
        return len(Image.open(path).convert("RGB").resize((size, size), Image.Resampling.BILINEAR).tobytes())

    def run():
        list(pool.map(load, paths))

    print("Pillow", Image.__version__, flush=True)
    return run, [os.getpid()]


def main():
    size, workers, dtype, augment, way, *paths = sys.argv[1:]
    if way == "loader":
        run, pids = dataloader(paths, int(size), int(workers), dtype, augment)
    else:
        run, pids = threads(paths, int(size), int(workers))
    run()
    for _ in sys.stdin:
        before, start = cpu_seconds(pids), time.perf_counter()
        run()
        print(time.perf_counter() - start, cpu_seconds(pids) - before, flush=True)


if __name__ == "__main__":
    main()
