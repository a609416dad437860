"""The command line: one photo in, one picture out; and `models`, what there is to paint with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from semcs_core.errors import UserError
from semcs_core.mask import MASK_SOURCES
from semcs_core.methods import METHODS, PRESETS, STANDARD, with_preset
from studio.flat_settings import ENTRIES, changed

if TYPE_CHECKING:
    import numpy as np

    from semcs_core.image import Photo
    from semcs_core.run import Run
    from semcs_core.settings import Settings
    from studio.models_cli import DownloadBar


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The options; those of the settings come from their fields."""
    parser = Parser(
        prog="python -m studio",
        description="Words paint a photo: one style for the object, another for what is around it.",
        epilog="`python -m studio models` lists the models and what they cost.",
    )
    parser.add_argument("photo", type=Path, metavar="PHOTO")
    parser.add_argument("--foreground", metavar="TEXT", help="style of the object")
    parser.add_argument("--background", metavar="TEXT", help="style of what is around it")
    parser.add_argument(
        "--text", metavar="STYLE", help='both in one: "red rocks | snowy", or one for everything'
    )
    parser.add_argument(
        "--mask", type=Path, metavar="FILE", help="picture whose white is the object"
    )
    parser.add_argument(
        "--models",
        default="auto",
        metavar="NAME",
        help="auto, starter, clip-vit-b32, clip-vit-b16 or clip-rn50; auto takes full models that "
        "are downloaded already, or that a GPU machine can download, else the starter",
    )
    parser.add_argument(
        "--mask-source",
        choices=MASK_SOURCES,
        default="spectral",
        help="how the object is found: colours and texture, DINO features, or a person",
    )
    parser.add_argument(
        "--eigenvector",
        type=int,
        metavar="1-4",
        help="take the mask from this eigenvector alone",
    )
    parser.add_argument("--mask-threshold", type=float, metavar="N", help="of it, 0 to 1")
    parser.add_argument("--flip", action="store_true", help="object and background exchanged")
    parser.add_argument("--output", type=Path, metavar="FILE.png", help="default: PHOTO-semcs.png")
    parser.add_argument(
        "--own-size",
        action="store_true",
        help="render the picture at the photo's own size, not at the working size",
    )
    parser.add_argument("--mask-output", type=Path, metavar="FILE.png", help="save the mask")
    parser.add_argument("--report", type=Path, metavar="FILE.json", help="save what was done")
    parser.add_argument("--quiet", action="store_true", help="print errors alone")
    parser.add_argument(
        "--method", choices=METHODS, default="studio", help="preset of the settings (studio)"
    )
    parser.add_argument(
        "--preset",
        choices=PRESETS,
        default=STANDARD,
        help="how large, how long and by how many crops, laid over the method (standard)",
    )
    group = parser.add_argument_group("settings", "each overrides method and preset")
    for name, entry in ENTRIES.items():
        option, about = f"--{name.replace('_', '-')}", entry.about
        if "options" in about:
            help_ = f"{about['help']} Studio: {entry.default}"
            group.add_argument(option, choices=about["options"], help=help_)
            continue
        low, high = about["minimum"], about["maximum"]
        group.add_argument(
            option,
            type=entry.kind,
            metavar="N",
            help=f"{about['help']} {low:g} to {high:g}, studio {entry.default:g}",
        )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0, 2 for an error of the user's, 130 after Ctrl-C.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] == ["models"]:
        from studio import models_cli

        return models_cli.main(arguments[1:])
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except UserError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped before the first step: there is no picture yet.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    # torch takes seconds to import: --help and a wrong option need not wait for it.
    from models.loading import best_device, load_models
    from semcs_core.image import fit, open_photo, to_tensor, to_uint8
    from semcs_core.methods import two_regions
    from semcs_core.run import Run
    from studio.files import check_writable, save_png
    from studio.models_cli import DownloadBar
    from studio.words import check_known, describe_unknown

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
    _save_mask_and_report(options, run, models.name, mask, confidence, list(unknown))
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
    """The prompts of the object and of what is around it.

    Raises:
        UserError: they are given in two ways at once.
    """
    from semcs_core.prompts import parse_style

    if options.text is None:
        return options.foreground or "", options.background or ""
    if options.foreground is None and options.background is None:
        return parse_style(options.text)
    raise UserError("Give --text or the pair --foreground and --background, not both.")


def _train(run: Run, quiet: bool) -> bool:
    """Do the steps, their losses beside a bar.

    Returns:
        Whether all were done; Ctrl-C leaves what has been learned.

    Raises:
        UserError: the run cannot go on.
    """
    from tqdm import tqdm

    from studio.runs.training import steps

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
    from tqdm import tqdm

    from studio.files import save_png
    from studio.full_size import render_full_size

    try:
        parts = render_full_size(run, photo.rgb)
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


def _save_mask_and_report(
    options: argparse.Namespace,
    run: Run,
    models: str,
    mask: np.ndarray,
    confidence: float | None,
    unknown: list[str],
) -> None:
    """Save both where they are asked for."""
    import numpy as np

    from studio.files import save_json, save_png
    from studio.report import build_report

    if options.mask_output is not None:
        save_png(options.mask_output, (mask * 255).round().astype(np.uint8))
    if options.report is not None:
        about = run.settings, models, run.regions, run.last, run.history
        save_json(options.report, build_report(*about, confidence, unknown))


def _find_mask(
    options: argparse.Namespace, photo: Photo, device: str, bar: DownloadBar
) -> tuple[np.ndarray, float | None, str]:
    """The mask, the confidence of an automatic one, and a sentence about it."""
    from models.loading import load_patch_features, load_segmenter
    from semcs_core.image import open_photo
    from semcs_core.mask import find_object, mask_from_eigenvector, person_mask
    from semcs_core.regions import mask_from_photo

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
