"""What the command line does with one photo."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models import loading
from models.device import best_device
from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import mask_from_eigenvector
from semcs_core.methods import METHODS, two_regions, with_preset
from semcs_core.prompts import check_known, parse_style
from semcs_core.regions import WHOLE, mask_from_photo
from semcs_core.run import Run
from semcs_core.settings import Settings
from studio import full_size
from studio.files import check_writable, save_json, save_png
from studio.flat_settings import ENTRIES, changed
from studio.models_cli import download_bar
from studio.published import choose, departure, in_words
from studio.report import build_report
from studio.runs.jobs import describe_unknown
from studio.runs.training import steps
from studio.runs.visit import A_FILE, open_style


def paint(options: argparse.Namespace) -> None:
    """Stylize a photo as the options of `cli.build_parser` say, and save what they ask for.

    Raises:
        UserError: an option cannot be used, or the run cannot go on.
        KeyboardInterrupt: after Ctrl-C. What was learned until then, or until an error, is saved.
    """
    prompts = _read_prompts(options)
    one_style = prompts[0] == prompts[1]
    chosen = choose(options.method, options.models, options.mask_source, one_style)
    options.method, options.models, options.mask_source = chosen
    settings = _read_settings(options)
    pictures = open_style(options.foreground_picture), open_style(options.background_picture)
    if options.output is None:
        options.output = Path(f"{options.photo.stem}-semcs.png")
    for path in (options.output, options.mask_output, options.report):
        if path is not None:
            check_writable(path)
    original = open_photo(options.photo)
    photo = fit(original, settings.size, settings.size_means)
    device = best_device()
    with download_bar(options.quiet) as bar:
        mask, confidence, message = _find_mask(options, photo, device, bar)
        regions = two_regions(mask, *prompts, settings, pictures)
        if regions[0].name != WHOLE:
            _say(options, message)
        models = loading.load_models(options.models, device, bar)
    source = A_FILE if options.mask is not None else options.mask_source
    _say(options, departure(options.method, models.name, source, one_style))
    unknown = check_known(models.encoder, [region.prompt for region in regions])
    _say(options, describe_unknown(unknown))
    parts = models.encoder, models.perceptual, settings, models.sketcher
    run = Run(to_tensor(photo.rgb, device), regions, *parts)
    try:
        _train(run, options.quiet)
    finally:
        if run.last is not None:
            _save(options, to_uint8(run.last.image))
        if options.mask_output is not None:
            save_png(options.mask_output, (mask * 255).round().astype(np.uint8))
        if options.report is not None:
            method = in_words(options.method, run.settings)
            about = run.settings, method, models.name, source, run.regions, run.last, run.history
            save_json(options.report, build_report(*about, confidence, list(unknown)))
    if options.own_size:
        _render(options, run, original)


def _say(options: argparse.Namespace, text: str) -> None:
    if text and not options.quiet:
        print(text, file=sys.stderr)


def _read_settings(options: argparse.Namespace) -> Settings:
    """The method's settings under the preset, with the options laid over both."""
    values = {name: getattr(options, name) for name in ENTRIES}
    changes = {name: value for name, value in values.items() if value is not None}
    return changed(with_preset(METHODS[options.method], options.preset), changes)


def _read_prompts(options: argparse.Namespace) -> tuple[str, str]:
    """The prompts of the object and of what is around it."""
    if options.text is None:
        return options.foreground or "", options.background or ""
    if options.foreground is None and options.background is None:
        return parse_style(options.text)
    raise UserError("Give --text or the pair --foreground and --background, not both.")


def _find_mask(
    options: argparse.Namespace, photo: Photo, device: str, bar: loading.Downloading
) -> tuple[np.ndarray, float | None, str]:
    """The mask, the confidence of an automatic one, and a sentence about it."""
    if options.mask is not None:
        mask = mask_from_photo(open_photo(options.mask), photo.size)
        return (1 - mask if options.flip else mask), None, ""
    how = options.mask_source, device, bar, options.mask_neighbours
    found = loading.find_mask(photo, *how)
    confidence = round(found.confidence, 4)
    if options.eigenvector is None and options.mask_threshold is None:
        return (1 - found.mask if options.flip else found.mask), confidence, found.message
    number = options.eigenvector if options.eigenvector is not None else 1
    mask = mask_from_eigenvector(found, photo.rgb, number, options.mask_threshold, options.flip)
    return mask, confidence, ""


def _train(run: Run, quiet: bool) -> None:
    """Do the steps, their losses beside a bar."""
    with tqdm(total=run.steps, unit="step", disable=quiet) as bar:
        for step in steps(run):
            bar.update()
            if step is not None:
                losses = {name: f"{value:.3f}" for name, value in step.losses.items()}
                bar.set_postfix(losses, refresh=False)


def _render(options: argparse.Namespace, run: Run, photo: Photo) -> None:
    """Save the picture at the photo's own size."""
    with tqdm(unit="part", disable=options.quiet) as bar:
        for part in full_size.render_full_size(run, photo.rgb):
            bar.total = part.total
            bar.update()
    if part.picture is not None:
        _save(options, part.picture)


def _save(options: argparse.Namespace, pixels: np.ndarray) -> None:
    """Save the picture in the place of one that is there."""
    save_png(options.output, pixels)
    _say(options, f"Saved {options.output} at {pixels.shape[1]} x {pixels.shape[0]}")
