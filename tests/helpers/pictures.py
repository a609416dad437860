"""Pictures that several tests make or compare."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def bomb(width=9000, height=9000):
    """A PNG of a few dozen kB that decodes to 81 megapixels."""

    def chunk(name, data):
        crc = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(height * (width + 1)), 9)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + body)


def likeness(picture, preview):
    """PSNR in dB of a picture, reduced, to its preview."""
    size = preview.shape[1], preview.shape[0]
    reduced = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS), float)
    return 10 * np.log10(255**2 / max(np.square(reduced - preview).mean(), 1e-9))
