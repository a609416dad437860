"""Opening a picture, fitting it to a working size, and the way to tensors and back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from semcs_core.errors import UserError

if TYPE_CHECKING:  # the mask does without torch, and the command line's help starts faster
    import torch
    from torch import Tensor

LUMINANCE = (0.2989, 0.587, 0.114)  # as in torchvision's adjust_contrast, which was published

MAX_PIXELS = 50_000_000
TOO_LARGE = f"The picture has over {MAX_PIXELS // 10**6} megapixels: send a smaller one."
MIN_SIDE = 16
MAX_RATIO = 20
MULTIPLE = 8  # StyleNet halves the picture three times
LONG_SIDE, SQUARE = MEASURES = "long side", "square"  # what a working size is
MIN_WORKING_SIDE = 32  # 4 cells at StyleNet's coarsest level

# EPS and WMF are programs for other programs (Ghostscript, the Windows metafile player).
_FORMATS = [name for name in (Image.init(), Image.ID)[1] if name not in {"EPS", "WMF"}]


@dataclass(frozen=True)
class Photo:
    """A decoded picture.

    Attributes:
        rgb: [H, W, 3], uint8, sRGB.
        alpha: [H, W], float32 in [0, 1], 1 = opaque; None where the file has no transparency.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]


def open_photo(source: str | Path | BinaryIO) -> Photo:
    """Decode a picture of any raster format that Pillow reads, at its own size.

    It is turned upright by its EXIF orientation and converted to sRGB, transparent parts lie on
    white, and of an animation the first frame is taken.

    Raises:
        UserError: the file is missing, no picture, damaged, or of a size that `check_size` refuses
            before any pixel is decoded.
    """
    try:
        with Image.open(source, formats=_FORMATS) as image:
            check_size(*image.size)
            image.load()
            return _to_photo(ImageOps.exif_transpose(image))
    except UserError:
        raise
    except FileNotFoundError:
        raise UserError("There is no such picture: check the name of the file.") from None
    except IsADirectoryError:
        raise UserError("That is a folder: name a picture in it.") from None
    except PermissionError:
        raise UserError("The picture may not be read: change its permissions.") from None
    except Image.DecompressionBombError:
        raise UserError(TOO_LARGE) from None
    except UnidentifiedImageError:
        raise UserError(
            "That file is not a picture: send a JPEG, PNG, WebP or another common format."
        ) from None
    except MemoryError:
        raise  # the picture may be sound
    except Exception:
        # Pillow's decoders raise errors of any type for damaged data.
        raise UserError("The picture is damaged or cut off: save or send it once more.") from None


def check_size(width: int, height: int) -> None:
    """Refuse a size that cannot be worked on.

    Raises:
        UserError: over 50 megapixels, under 16 pixels a side, or longer than 20 to 1.
    """
    if width * height > MAX_PIXELS:
        raise UserError(TOO_LARGE)
    if min(width, height) < MIN_SIDE:
        raise UserError(
            f"The picture is {width} x {height} pixels: send one of at least {MIN_SIDE} a side."
        )
    if max(width, height) > MAX_RATIO * min(width, height):
        raise UserError(
            f"The picture is {width} x {height} pixels: crop it to less than {MAX_RATIO} to 1."
        )


def working_size(width: int, height: int, size: int, measure: str = LONG_SIDE) -> tuple[int, int]:
    """The (width, height) in pixels to work at: the same aspect ratio, sides multiples of 8.

    The long side becomes `size`, or the area that of a square of it, or more where the short side
    would fall under 32 pixels.
    """
    whole = max(width, height) if measure == LONG_SIDE else (width * height) ** 0.5
    scale = max(size / whole, MIN_WORKING_SIDE / min(width, height))
    return (
        max(MIN_WORKING_SIDE, MULTIPLE * round(width * scale / MULTIPLE)),
        max(MIN_WORKING_SIDE, MULTIPLE * round(height * scale / MULTIPLE)),
    )


def fit(photo: Photo, size: int, measure: str = LONG_SIDE) -> Photo:
    """The picture at its working size (see `working_size`)."""
    target = working_size(*photo.size, size, measure)
    if target == photo.size:
        return photo
    alpha = None if photo.alpha is None else resize_mask(photo.alpha, target)
    return Photo(resize(photo.rgb, target), alpha)


def resize(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture [H, W, 3] uint8 at another (width, height), by Lanczos."""
    return np.array(Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS))


def resize_mask(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A soft mask [H, W] in [0, 1] at another (width, height): [height, width], float32."""
    return resize_map(mask, (size[1], size[0])).clip(0, 1)


def resize_map(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Numbers on a grid at another (height, width): bilinear, without aliasing where it is smaller.

    [H, W] or [H, W, C] of any real dtype to [height, width] or [height, width, C], float32, within
    the range of `values`.
    """
    values = np.asarray(values, np.float32)
    if values.ndim == 3:
        return np.stack([resize_map(channel, shape) for channel in np.moveaxis(values, 2, 0)], 2)
    if values.shape == shape:
        return values
    size = shape[1], shape[0]
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR))


def to_tensor(rgb: np.ndarray, device: torch.device | str = "cpu") -> Tensor:
    """[H, W, 3] uint8 to [1, 3, H, W] float32 in [0, 1]."""
    import torch

    tensor = torch.from_numpy(np.array(rgb)).to(device)
    return tensor.permute(2, 0, 1)[None].float() / 255


def to_uint8(image: Tensor) -> np.ndarray:
    """[1, 3, H, W] in [0, 1] to [H, W, 3] uint8, rounded."""
    pixels = image.detach()[0].float().clamp(0, 1).mul(255).round().byte()
    return pixels.permute(1, 2, 0).cpu().numpy()


def _to_photo(image: Image.Image) -> Photo:
    check_size(*image.size)
    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        image = _to_grey(image)
    image = _to_srgb(image)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        rgb = np.asarray(Image.alpha_composite(white, rgba).convert("RGB"))
        return Photo(rgb, np.asarray(rgba.getchannel("A"), np.float32) / 255)
    return Photo(np.asarray(image.convert("RGB")))


def _to_grey(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float grey to 8-bit, which `convert` alone would clip at 255."""
    values = np.nan_to_num(np.asarray(image, np.float64))
    peak = values.max(initial=0)
    # The usual ranges of such files: [0, 1], 8-bit, 16-bit; anything above is scaled to its peak.
    top = next((top for top in (1.0, 255.0, 65535.0) if peak <= top), peak)
    return Image.fromarray((values.clip(0, top) * (255 / top)).round().astype(np.uint8))


def _to_srgb(image: Image.Image) -> Image.Image:
    """Colours of a photo with its own ICC profile (Display P3, CMYK for print ...) as sRGB."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in {"RGB", "RGBA", "CMYK", "L"}:
        return image
    mode = image.mode if image.mode in {"RGB", "RGBA"} else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile is no reason to refuse a good picture
    return image if converted is None else converted


def with_contrast(image: Tensor, factor: float, grey: Tensor | None = None) -> Tensor:
    """Stretch a picture [1, 3, H, W] away from its mean grey, or from another one, in [0, 1]."""
    if factor == 1:
        return image
    grey = mean_grey(image) if grey is None else grey
    return (grey + factor * (image - grey)).clamp(0, 1)


def mean_grey(image: Tensor) -> Tensor:
    """The mean luminance of a picture [1, 3, H, W], a number."""
    return luminance(image).mean()


def luminance(image: Tensor) -> Tensor:
    """[N, 3, H, W] to [N, 1, H, W]."""
    red, green, blue = image.split(1, dim=1)
    # The weights as numbers: a tensor of them would have to be brought to a GPU each time.
    return LUMINANCE[0] * red + LUMINANCE[1] * green + LUMINANCE[2] * blue
