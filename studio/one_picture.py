"""What the command line does with one photo."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
from tqdm import tqdm

from models.loading import best_device, load_models, load_patch_features, load_segmenter
from semcs_core.errors import UserError
from semcs_core.image import Photo, fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object, mask_from_eigenvector, person_mask
from semcs_core.methods import METHODS, two_regions, with_preset
from semcs_core.prompts import parse_style
from semcs_core.regions import mask_from_photo
from semcs_core.run import Run
from semcs_core.settings import Settings
from studio import full_size
from studio.files import check_writable, save_json, save_png
from studio.flat_settings import ENTRIES, changed
from studio.models_cli import DownloadBar
from studio.report import build_report
from studio.runs.training import steps
from studio.words import check_known, describe_unknown


def paint(options: argparse.Namespace) -> int:
    """Stylize a photo as the options of `cli.build_parser` say, and save what they ask for.

    Returns:
        The exit status: 0, or 130 after Ctrl-C that left a picture.

    Raises:
        UserError: an option cannot be used, or the run cannot go on.
        KeyboardInterrupt: there is no picture yet.
    """
    settings, prompts = _read_settings(options), _read_prompts(options)
    if options.output is None:
        options.output = Path(f"{options.photo.stem}-semcs.png")
    for path in (options.output, options.mask_output, options.report):
        if path is not None:
            check_writable(path)
    original = open_photo(options.photo)
    photo = fit(original, settings.size)
    device = best_device()
    with DownloadBar(options.quiet) as bar:
        mask, confidence, message = _find_mask(options, photo, device, bar)
        if prompts[0] != prompts[1]:
            _say(options, message)
        regions = two_regions(mask, *prompts, settings)
        models = load_models(options.models, device, bar)
    unknown = check_known(models.encoder, [region.prompt for region in regions])
    _say(options, describe_unknown(unknown))
    parts = models.encoder, models.perceptual, settings, models.sketcher
    run = Run(to_tensor(photo.rgb, device), regions, *parts)

    fault: UserError | None = None
    try:
        interrupted = not _train(run, options.quiet)
    except UserError as error:
        fault, interrupted = error, False
    if run.last is not None:
        save_png(options.output, to_uint8(run.last.image))
        what = "Stopped: the picture so far is in" if interrupted else "Saved"
        _say(options, f"{what} {options.output}")
    if options.own_size and run.finished and fault is None:
        interrupted = not _render(options, run, original)
    if options.mask_output is not None:
        save_png(options.mask_output, (mask * 255).round().astype(np.uint8))
    if options.report is not None:
        about = run.settings, models.name, run.regions, run.last, run.history
        save_json(options.report, build_report(*about, confidence, list(unknown)))
    if fault is not None:
        raise fault
    if interrupted and run.last is None:
        raise KeyboardInterrupt
    return 130 if interrupted else 0


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
    options: argparse.Namespace, photo: Photo, device: str, bar: DownloadBar
) -> tuple[np.ndarray, float | None, str]:
    """The mask, the confidence of an automatic one, and a sentence about it."""
    if options.mask is not None:
        mask = mask_from_photo(open_photo(options.mask), photo.size)
        return (1 - mask if options.flip else mask), None, ""
    if options.mask_source == "person":
        found = person_mask(load_segmenter(device, bar), photo.rgb)
    else:
        dino = load_patch_features(device, bar) if options.mask_source == "dino" else None
        found = find_object(photo.rgb, photo.alpha, features=dino)
    confidence = round(found.confidence, 4)
    if options.eigenvector is None and options.mask_threshold is None:
        return (1 - found.mask if options.flip else found.mask), confidence, found.message
    number = options.eigenvector if options.eigenvector is not None else 1
    mask = mask_from_eigenvector(found, photo.rgb, number, options.mask_threshold, options.flip)
    return mask, confidence, ""


def _train(run: Run, quiet: bool) -> bool:
    """Do the steps, their losses beside a bar; False after Ctrl-C, which leaves what is learned."""
    with tqdm(total=run.steps, unit="step", disable=quiet) as bar:
        try:
            for step in steps(run):
                bar.update()
                if step is not None:
                    losses = {name: f"{value:.3f}" for name, value in step.losses.items()}
                    bar.set_postfix(losses, refresh=False)
        except KeyboardInterrupt:
            return False
    return True


def _render(options: argparse.Namespace, run: Run, photo: Photo) -> bool:
    """Put the picture at the photo's own size in the place of the one that is there.

    Returns:
        Whether it was finished; Ctrl-C leaves the picture that is there.
    """
    try:
        parts = full_size.render_full_size(run, photo.rgb)
        with closing(parts), tqdm(unit="part", disable=options.quiet) as bar:
            for part in parts:
                bar.total = part.total
                bar.update()
                if part.picture is not None:
                    save_png(options.output, part.picture)
    except KeyboardInterrupt:
        _say(options, f"Stopped: {options.output} has the working size")
        return False
    _say(options, "Saved {} at {} x {}".format(options.output, *photo.size))
    return True
