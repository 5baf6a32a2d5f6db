"""Writes packages/image-batches/fixtures: small images of many kinds and what Pillow makes of them.

    python tooling/reference/pillow.py [folder of real images]

Needs numpy and Pillow (the committed fixtures: 12.3.0). The images are drawn here from a fixed seed. Expected
pixels are kept as the first 16 hex digits of the SHA-256 of the RGB bytes: the tests ask for no difference at all.
With a folder of real images, their decoded and resized hashes go in too (the images do not).
"""

import hashlib
import io
import json
import pathlib
import struct
import sys

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageDraw, ImageEnhance, ImageOps

FOLDER = pathlib.Path(__file__).parents[2] / "packages/image-batches/fixtures"
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def digest(image):
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()[:16]


# --- images ---------------------------------------------------------------------------------------------------


def draw_scene(width, height, seed):
    """A photo-like image: colour gradients, soft and hard edges, thin lines, noise."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    sky = np.stack([120 + 90 * np.sin(5 * x + 2 * y), 90 + 120 * y, 200 - 140 * x * y], axis=-1)
    image = Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(9):
        cx, cy, r = random.uniform(0, width), random.uniform(0, height), random.uniform(3, 3 + height / 4)
        colour = tuple(int(c) for c in random.integers(0, 256, 3))
        draw.ellipse([cx - r, cy - r / 2, cx + r, cy + r / 2], fill=colour)
        draw.line([cx, cy, width - cx, height - cy], fill=colour[::-1])
    noise = random.normal(0, 5, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def swapped_profile():
    """An sRGB profile whose red and green primaries are exchanged: who applies it changes every colour."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    entries = {}
    for i in range(struct.unpack_from(">I", profile, 128)[0]):
        at = 132 + 12 * i
        entries[bytes(profile[at : at + 4])] = at
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **{"quality": 88, **options})
    return out.getvalue()


def write_images():
    photo = draw_scene(97, 73, seed=1)
    alpha = Image.fromarray((np.arange(97 * 73) % 256).astype(np.uint8).reshape(73, 97))
    exif = Image.Exif()
    exif[274] = 6
    plain = jpeg(photo)
    scan = plain.index(b"\xff\xda")
    files = {
        "420.jpg": plain,
        "422.jpg": jpeg(photo, subsampling="4:2:2"),
        "444.jpg": jpeg(photo, subsampling="4:4:4"),
        "progressive.jpg": jpeg(photo, progressive=True),
        "grey.jpg": jpeg(photo.convert("L")),
        "cmyk.jpg": jpeg(photo.convert("CMYK")),
        "orientation-6.jpg": jpeg(photo, exif=exif),
        "profile.jpg": jpeg(photo, icc_profile=swapped_profile()),
        "rubbish-after-end.jpg": plain + b"rubbish" * 20,
        "zeros-before-scan.jpg": plain[:scan] + b"\0\0\0" + plain[scan:],
        "truncated.jpg": plain[: len(plain) * 2 // 3],
        "text.jpg": b"This is no image.\n",
        "empty.jpg": b"",
    }
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)
    small = draw_scene(48, 36, seed=2)
    shade = alpha.crop((0, 0, 48, 36))
    small.save(FOLDER / "rgb.png")
    rgba = small.copy()
    rgba.putalpha(shade)
    rgba.save(FOLDER / "rgba.png")
    grey_alpha = small.convert("L")
    grey_alpha.putalpha(shade)
    grey_alpha.save(FOLDER / "grey-alpha.png")
    palette = small.quantize(64)
    palette.save(FOLDER / "palette.png", transparency=3)
    small.convert("1").save(FOLDER / "one-bit.png")
    Image.fromarray(np.asarray(small.convert("L")).astype(np.uint16) * 257).save(FOLDER / "grey-16.png")
    small.save(FOLDER / "photo.webp", quality=80)
    palette.save(FOLDER / "palette.gif")
    # Images for the operations: odd sides, a square, one colour, two levels, a strip, a pixel.
    draw_scene(61, 47, seed=3).save(FOLDER / "odd.png")
    draw_scene(64, 64, seed=4).save(FOLDER / "square.png")
    Image.new("RGB", (9, 7), (10, 128, 255)).save(FOLDER / "flat.png")
    two = np.zeros((8, 12, 3), np.uint8)
    two[:, ::3] = (90, 91, 200)
    Image.fromarray(two).save(FOLDER / "two-levels.png")
    draw_scene(40, 2, seed=5).save(FOLDER / "strip.png")
    Image.new("RGB", (1, 1), (7, 77, 177)).save(FOLDER / "pixel.png")


DECODED = [
    "420.jpg", "422.jpg", "444.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "orientation-6.jpg", "profile.jpg",
    "rubbish-after-end.jpg", "zeros-before-scan.jpg", "rgb.png", "rgba.png", "grey-alpha.png", "palette.png",
    "one-bit.png", "photo.webp", "palette.gif",
]  # fmt: skip
OPERATED = ["odd.png", "square.png", "flat.png", "two-levels.png", "strip.png", "pixel.png"]
SIZES = [(97, 73), (97, 40), (50, 73), (64, 64), (33, 21), (224, 190), (7, 300), (1, 1), (13, 5)]


# --- the operations of RandAugment, as calls of Pillow ---------------------------------------------------------

GREY = (128, 128, 128)
AFFINE = Image.Transform.AFFINE
BICUBIC = Image.Resampling.BICUBIC


def rotate(image, degrees):
    turned = image.convert("RGBA").rotate(degrees)
    return Image.composite(turned, Image.new("RGBA", turned.size, (128,) * 4), turned).convert("RGB")


def box(image, x, y, pixels):
    """RandAugment's cutout with a given centre."""
    out = image.copy()
    half = pixels // 2
    for i in range(max(0, x - half), min(image.width, x + half)):
        for j in range(max(0, y - half), min(image.height, y + half)):
            out.putpixel((i, j), (125, 122, 113))
    return out


def cutout(image, x, y, colour, share=0.5):
    """The reference's CutoutPIL with a given centre and colour."""
    width, height = image.size
    half_width, half_height = int(share * width + 0.5) // 2, int(share * height + 0.5) // 2
    corners = [
        int(np.clip(x - half_width, 0, width)),
        int(np.clip(y - half_height, 0, height)),
        int(np.clip(x + half_width, 0, width)),
        int(np.clip(y + half_height, 0, height)),
    ]
    out = image.copy()
    ImageDraw.Draw(out).rectangle(corners, fill=colour)
    return out


def enhancer(kind):
    return lambda image, amount: kind(image).enhance(1 + amount)


none = [0] * 10
strength = np.linspace(0, 0.9, 10)
share = np.linspace(0, 150 / 331, 10)
# name: (amount at magnitude 0..9, whether it takes a sign, operation)
OPS = {
    "invert": (none, False, lambda image, _: ImageOps.invert(image)),
    "sharpness": (strength, True, enhancer(ImageEnhance.Sharpness)),
    "autoContrast": (none, False, lambda image, _: ImageOps.autocontrast(image)),
    "posterize": (
        np.round(np.linspace(8, 4, 10)).astype(int),
        False,
        lambda image, bits: ImageOps.posterize(image, int(bits)),
    ),
    "shearX": (
        np.linspace(0, 0.3, 10),
        True,
        lambda image, m: image.transform(image.size, AFFINE, (1, m, 0, 0, 1, 0), BICUBIC, fillcolor=GREY),
    ),
    "translateX": (
        share,
        True,
        lambda image, m: image.transform(image.size, AFFINE, (1, 0, m * image.width, 0, 1, 0), fillcolor=GREY),
    ),
    "translateY": (
        share,
        True,
        lambda image, m: image.transform(image.size, AFFINE, (1, 0, 0, 0, 1, m * image.height), fillcolor=GREY),
    ),
    "shearY": (
        np.linspace(0, 0.3, 10),
        True,
        lambda image, m: image.transform(image.size, AFFINE, (1, 0, 0, m, 1, 0), BICUBIC, fillcolor=GREY),
    ),
    "rotate": (np.linspace(0, 30, 10), False, rotate),
    "equalize": (none, False, lambda image, _: ImageOps.equalize(image)),
    "contrast": (strength, True, enhancer(ImageEnhance.Contrast)),
    "color": (strength, True, enhancer(ImageEnhance.Color)),
    "solarize": (np.linspace(256, 0, 10), False, lambda image, m: ImageOps.solarize(image, float(m))),
    "brightness": (strength, True, enhancer(ImageEnhance.Brightness)),
}


def operated(image):
    """op -> hashes in the order magnitude 0, 1, ... 9; with a sign, plus before minus."""
    return {
        name: [
            digest(apply(image, sign * amount))
            for amount in amounts
            for sign in ([1, -1] if signed else [1])
        ]
        for name, (amounts, signed, apply) in OPS.items()
    }


def cutouts(image):
    width, height = image.size
    cases = []
    for x, y in [(0, 0), (width - 1, height - 1), (width // 2, height // 3), (5 % width, max(height - 2, 0))]:
        cases.append({"x": x, "y": y, "colour": [3, 250, 99], "hash": digest(cutout(image, x, y, (3, 250, 99)))})
    return cases


def boxes(image):
    width, height = image.size
    sizes = np.round(np.linspace(0, 20, 10)).astype(int)
    return [
        {"x": x, "y": y, "magnitude": magnitude, "hash": digest(box(image, x, y, int(sizes[magnitude])))}
        for x, y in [(0, 0), (width - 1, height - 1), (width // 2, height // 3)]
        for magnitude in range(1, 10)
    ]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_images()
    expected = {"pillow": PIL.__version__, "decode": {}, "resize": [], "operations": {}, "policies": []}
    for name in DECODED:
        image = Image.open(FOLDER / name).convert("RGB")
        expected["decode"][name] = {"width": image.width, "height": image.height, "hash": digest(image)}
    for name in ["420.jpg", "one-bit.png", "pixel.png"]:
        image = Image.open(FOLDER / name).convert("RGB")
        for width, height in SIZES:
            for filter_name, resampling in FILTERS.items():
                hash_ = digest(image.resize((width, height), resampling))
                expected["resize"].append([name, width, height, filter_name, hash_])
    for name in OPERATED:
        image = Image.open(FOLDER / name).convert("RGB")
        expected["operations"][name] = {"ops": operated(image), "cutout": cutouts(image), "box": boxes(image)}
    square = Image.open(FOLDER / "square.png").convert("RGB")
    for (first, level1, sign1), (second, level2, sign2) in [
        (("shearX", 7, -1), ("equalize", 2, 1)),
        (("rotate", 9, 1), ("color", 8, -1)),
        (("brightness", 9, 1), ("translateY", 3, -1)),
    ]:
        image = square
        for name, level, sign in ((first, level1, sign1), (second, level2, sign2)):
            amounts, _, apply = OPS[name]
            image = apply(image, sign * amounts[level])
        expected["policies"].append(
            {"ops": [first, second], "levels": [level1, level2], "signs": [sign1, sign2], "hash": digest(image)}
        )
    if len(sys.argv) > 1:
        expected["real"] = {}
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.jpg")):
            image = Image.open(path).convert("RGB")
            sizes = {
                f"{side} {filter_name}": digest(image.resize((side, side), resampling))
                for side in (448, 224)
                for filter_name, resampling in FILTERS.items()
            }
            expected["real"][path.name] = {"decoded": digest(image), **sizes}
    (FOLDER / "pillow.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
