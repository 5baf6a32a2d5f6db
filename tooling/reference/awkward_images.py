"""Writes packages/image-batches/awkward/fixtures: small files that are hard to read, and what Pillow makes of them.

    python tooling/reference/awkward_images.py

Needs numpy and Pillow (the committed files: 12.3.0). awkward.json holds, for each file, the size and the first 16 hex
digits of the SHA-256 of the RGB bytes that `Image.open(f).convert("RGB")` gives, or Pillow's error. Where our samples
may differ, expected/ has Pillow's as PNG.
"""

import hashlib
import io
import json
import pathlib
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageCms, ImageDraw

FOLDER = pathlib.Path(__file__).parents[2] / "packages/image-batches/awkward/fixtures"


def draw_scene(width, height, seed):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    sky = np.stack([120 + 90 * np.sin(5 * x + 2 * y), 90 + 120 * y, 200 - 140 * x * y], axis=-1)
    image = Image.fromarray(np.clip(sky, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        cx, cy, r = random.uniform(0, width), random.uniform(0, height), random.uniform(3, 3 + height / 4)
        draw.ellipse([cx - r, cy - r / 2, cx + r, cy + r / 2], fill=tuple(int(c) for c in random.integers(0, 256, 3)))
    return Image.fromarray(np.clip(np.asarray(image) + random.normal(0, 5, (height, width, 3)), 0, 255).astype(np.uint8))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(image, **options):
    return saved(image, "JPEG", **{"quality": 88, **options})


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, extra=b"", interlace=0):
    """A PNG from raw filtered rows."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def interlaced(image):
    """Adam7: seven passes, each an image of its own."""
    pixels = np.asarray(image)
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for row in pixels[y0::dy, x0::dx]:
            if row.size:
                rows += b"\0" + row.tobytes()
    return png(image.width, image.height, 8, 2, rows, interlace=1)


def without_segment(data, marker):
    at = data.index(marker)
    return data[:at] + data[at + 2 + struct.unpack_from(">H", data, at + 2)[0] :]


def relabelled(data, ids):
    """Gives the components other ids, in the frame and in the scan."""
    data = bytearray(data)
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for i, letter in enumerate(ids):
        data[frame + 10 + 3 * i] = letter
        data[scan + 5 + 2 * i] = letter
    return bytes(data)


def sampled(data, factors):
    """Writes other sampling factors into the frame: equal ones for all components are 4:4:4 in larger MCUs."""
    data = bytearray(data)
    frame = data.index(b"\xff\xc0")
    for i, factor in enumerate(factors):
        data[frame + 11 + 3 * i] = factor
    return bytes(data)


def images():
    photo, square = draw_scene(61, 45, 1), draw_scene(48, 48, 2)
    alpha = Image.fromarray((np.arange(61 * 45) % 256).astype(np.uint8).reshape(45, 61))
    rgba = photo.copy()
    rgba.putalpha(alpha)
    grey_alpha = photo.convert("L")
    grey_alpha.putalpha(alpha)
    grey = photo.convert("L")
    palette = photo.quantize(32)
    plain = jpeg(photo)
    frames = [photo, photo.rotate(90, expand=False), Image.new("RGB", photo.size, (9, 99, 199))]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey16 = (np.asarray(grey).astype(np.uint16) * 257).astype(">u2")
    rgb16 = (np.asarray(photo).astype(np.uint16) * 257).astype(">u2")
    two_bits = np.packbits(np.unpackbits((np.asarray(grey)[:, :60] >> 6)[..., None], axis=2)[..., 6:].reshape(45, 120), axis=1)
    wide = Image.new("RGB", (20000, 3), (200, 60, 10))
    yield "grey.jpg", jpeg(grey)
    yield "cmyk.jpg", jpeg(photo.convert("CMYK"))
    yield "adobe-rgb.jpg", jpeg(photo, keep_rgb=True)
    yield "ids-rgb.jpg", relabelled(without_segment(plain, b"\xff\xe0"), b"RGB")
    yield "ids-other.jpg", relabelled(without_segment(plain, b"\xff\xe0"), b"abc")
    yield "no-jfif.jpg", without_segment(plain, b"\xff\xe0")
    yield "progressive.jpg", jpeg(photo, progressive=True)
    yield "progressive-grey.jpg", jpeg(grey, progressive=True)
    yield "restart-markers.jpg", jpeg(photo, restart_marker_blocks=2)
    yield "restart-rows.jpg", jpeg(photo, restart_marker_rows=1, subsampling="4:2:2")
    yield "sampling-411.jpg", jpeg(photo, subsampling="4:1:1")
    yield "sampling-420-odd.jpg", jpeg(photo.crop((0, 0, 17, 17)), subsampling="4:2:0")
    yield "sampling-444-tall.jpg", sampled(jpeg(square.crop((0, 0, 48, 8)), subsampling="4:4:4"), [0x11] * 3)
    yield "sampling-grey-22.jpg", sampled(jpeg(grey), [0x22])
    yield "narrow-4.jpg", jpeg(photo.crop((0, 0, 4, 30)))
    yield "pixel.jpg", jpeg(photo.crop((0, 0, 1, 1)))
    yield "wide-20000.jpg", jpeg(wide, quality=50)
    yield "tall-20000.png", saved(wide.rotate(90, expand=True), "PNG")
    yield "quality-1.jpg", jpeg(photo, quality=1)
    yield "quality-100.jpg", jpeg(photo, quality=100, subsampling="4:4:4")
    yield "optimized.jpg", jpeg(photo, optimize=True)
    yield "orientation-5.jpg", jpeg(photo, exif=bytes(_exif(5)))
    yield "profile-lab.jpg", jpeg(photo, icc_profile=profile)
    yield "comment-long.jpg", jpeg(photo, comment=b"c" * 20000)
    yield "padding-before-markers.jpg", plain.replace(b"\xff\xda", b"\xff\xff\xff\xff\xda", 1)
    yield "zeros-before-scan.jpg", plain.replace(b"\xff\xda", b"\0\0\0\xff\xda", 1)
    yield "garbage-after-end.jpg", plain + b"garbage" * 30
    yield "second-picture-after-end.jpg", plain + jpeg(square)
    yield "multi-picture.jpg", saved(photo, "MPO", save_all=True, append_images=[square])
    yield "no-end-marker.jpg", plain[:-2]
    yield "truncated-half.jpg", plain[: len(plain) // 2]
    yield "truncated-header.jpg", plain[:100]
    yield "truncated-one-byte.jpg", plain[:1]
    yield "empty.jpg", b""
    yield "zeros.jpg", bytes(500)
    yield "text.jpg", b"<html>404 Not Found</html>\n"
    yield "png-inside.jpg", saved(photo, "PNG")
    yield "webp-inside.png", saved(photo, "WEBP", quality=70)
    yield "jpeg-without-extension", plain
    yield "claims-60000x60000.png", png(60000, 60000, 8, 2, b"")
    yield "claims-65500x65500.jpg", _claims(plain, 65500, 65500)
    yield "interlaced.png", interlaced(photo)
    yield "interlaced-tiny.png", interlaced(photo.crop((0, 0, 3, 2)))
    yield "one-bit.png", saved(photo.convert("1"), "PNG")
    yield "grey-2-bits.png", png(60, 45, 2, 0, b"".join(b"\0" + row.tobytes() for row in two_bits))
    yield "grey-16.png", png(61, 45, 16, 0, b"".join(b"\0" + row.tobytes() for row in grey16))
    yield "rgb-16.png", png(61, 45, 16, 2, b"".join(b"\0" + row.tobytes() for row in rgb16))
    yield "grey-alpha.png", saved(grey_alpha, "PNG")
    yield "rgba.png", saved(rgba, "PNG")
    yield "palette-transparency.png", saved(palette, "PNG", transparency=3)
    yield "palette-alpha.png", saved(palette, "PNG", transparency=bytes(range(0, 256, 8)))
    yield "rgb-transparent-colour.png", saved(photo, "PNG", transparency=(9, 99, 199))
    yield "gamma.png", saved(photo, "PNG", gamma=1.0)
    yield "animated.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=50)
    yield "truncated.png", saved(photo, "PNG")[:3000]
    yield "animated.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    yield "transparent.gif", saved(palette, "GIF", transparency=3)
    yield "lossless.webp", saved(photo, "WEBP", lossless=True)
    yield "alpha.webp", saved(rgba, "WEBP", quality=80)
    yield "animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=70)
    yield "rgb.tiff", saved(photo, "TIFF", compression="tiff_lzw")
    yield "cmyk.tiff", saved(photo.convert("CMYK"), "TIFF", compression="tiff_lzw")
    yield "photo.bmp", saved(photo, "BMP")
    yield "photo.avif", saved(photo, "AVIF", quality=60, subsampling="4:4:4")


def _exif(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    return exif.tobytes()


def _claims(data, width, height):
    data = bytearray(data)
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, height, width)
    return bytes(data)


DIFFERENT = ["transparent.gif", "photo.avif", "grey-16.png"]


def main():
    (FOLDER / "expected").mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    expected = {}
    for name, data in images():
        (FOLDER / name).write_bytes(data)
        try:
            image = Image.open(FOLDER / name).convert("RGB")
            if name in DIFFERENT:
                image.save(FOLDER / "expected" / f"{name}.png")
            digest = hashlib.sha256(image.tobytes()).hexdigest()[:16]
            expected[name] = {"width": image.width, "height": image.height, "hash": digest}
        except Exception as error:  # whatever Pillow raises
            expected[name] = {"error": f"{type(error).__name__}: {str(error).replace(str(FOLDER) + '/', '')}"[:100]}
    (FOLDER / "awkward.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
