"""Pictures that several tests make or compare."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

PIXELS = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def ellipse_photo(folder, width, height):
    """A grey photo of a dark ellipse, left below the middle; its path."""
    rows, columns = np.mgrid[:height, :width]
    ellipse = np.hypot((columns / width - 0.45) / 0.2, (rows / height - 0.6) / 0.2) < 1
    grey = np.where(ellipse, 60, 170 + columns * 20 / width)
    grey = grey + np.random.default_rng(0).integers(-4, 5, grey.shape)
    path = folder / f"{width}x{height}.png"
    Image.fromarray(np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)).save(path)
    return path


def chunk(name, data):
    """A chunk of a PNG with the checksum that it should have."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_text(text, head=b"semcs\0\0\0\0\0"):
    """A PNG of PIXELS whose record is this text, with a good checksum."""
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).save(buffer, "PNG")
    png = buffer.getvalue()
    text = text if isinstance(text, bytes) else text.encode()
    return png[:33] + chunk(b"iTXt", head + text) + png[33:]


def bomb(width=9000, height=9000):
    """A PNG of a few dozen kB that decodes to 81 megapixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(height * (width + 1)), 9)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + body)


def likeness(picture, preview):
    """PSNR in dB of a picture, reduced, to its preview."""
    size = preview.shape[1], preview.shape[0]
    reduced = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS), float)
    return 10 * np.log10(255**2 / max(np.square(reduced - preview).mean(), 1e-9))
