"""The command line: one photo in, one picture out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import NoReturn

from semcs_core.errors import UserError
from semcs_core.methods import METHODS
from semcs_core.settings import Settings


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The options; those of `Settings` come from its fields."""
    parser = Parser(
        prog="python -m semcs_core",
        description="Words paint a photo: one style for the object, another for what is around it.",
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
    parser.add_argument("--models", default="starter", metavar="NAME", help="default: starter")
    parser.add_argument("--output", type=Path, metavar="FILE.png", help="default: PHOTO-semcs.png")
    parser.add_argument("--mask-output", type=Path, metavar="FILE.png", help="save the mask")
    parser.add_argument("--report", type=Path, metavar="FILE.json", help="save what was done")
    parser.add_argument("--quiet", action="store_true", help="print errors alone")
    parser.add_argument(
        "--method", choices=METHODS, default="studio", help="preset of the settings (studio)"
    )
    group = parser.add_argument_group("settings", "each overrides the method's own value")
    for f in fields(Settings):
        option = f"--{f.name.replace('_', '-')}"
        if "options" in f.metadata:
            values = f.metadata["options"]
            help_ = f"{f.metadata['help']} Studio: {f.default}"
            group.add_argument(option, choices=values, help=help_)
            continue
        low, high = f.metadata["minimum"], f.metadata["maximum"]
        group.add_argument(
            option,
            type=int if f.type == "int" else float,
            metavar="N",
            help=f"{f.metadata['help']} {low:g} to {high:g}, studio {f.default:g}",
        )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0, 2 for an error of the user's, 130 after Ctrl-C.
    """
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
    import numpy as np
    from tqdm import tqdm

    from semcs_core.files import check_writable, save_json, save_png
    from semcs_core.image import fit, open_photo, to_tensor, to_uint8
    from semcs_core.mask import find_object
    from semcs_core.models import best_device, load_models
    from semcs_core.prompts import check_known, parse_style
    from semcs_core.regions import mask_from_photo, split_regions
    from semcs_core.report import build_report
    from semcs_core.stylize import RunError, Step, stylize

    chosen = {f.name: getattr(options, f.name) for f in fields(Settings)}
    changes = {name: value for name, value in chosen.items() if value is not None}
    settings = replace(METHODS[options.method], **changes)
    if options.text is None:
        foreground, background = options.foreground or "", options.background or ""
    elif options.foreground is None and options.background is None:
        foreground, background = parse_style(options.text)
    else:
        raise UserError("Give --text or the pair --foreground and --background, not both.")
    output = options.output or Path(f"{options.photo.stem}-semcs.png")
    for path in (output, options.mask_output, options.report):
        if path is not None:
            check_writable(path)

    def say(text: str) -> None:
        if text and not options.quiet:
            print(text, file=sys.stderr)

    photo = fit(open_photo(options.photo), settings.size)
    confidence = None
    if options.mask is None:
        found = find_object(photo.rgb, photo.alpha)
        mask, confidence = found.mask, round(found.confidence, 4)
        if foreground != background:
            say(found.message)
    else:
        mask = mask_from_photo(open_photo(options.mask), photo.size)
    regions = split_regions(mask, foreground, background, settings)
    models = load_models(options.models, best_device())
    unknown = check_known(models.encoder, [region.prompt for region in regions])
    if unknown:
        say(f"Words that the models do not know: {', '.join(unknown)}.")

    records: list[Step] = []
    picture = None
    problem: RunError | None = None
    interrupted = False
    run = stylize(
        to_tensor(photo.rgb, best_device()), regions, models.encoder, models.perceptual, settings
    )
    with closing(run), tqdm(total=settings.steps, unit="step", disable=options.quiet) as bar:
        try:
            for step in run:
                picture = step.image
                records.append(replace(step, image=step.image[..., :0, :0]))
                bar.set_postfix({k: f"{v:.3f}" for k, v in step.losses.items()}, refresh=False)
                bar.update()
        except KeyboardInterrupt:
            interrupted = True
        except RunError as error:
            problem = error
    if picture is not None:
        save_png(output, to_uint8(picture))
        say(f"{'Stopped: the picture so far is in' if interrupted else 'Saved'} {output}")
    if options.mask_output is not None:
        save_png(options.mask_output, (mask * 255).round().astype(np.uint8))
    if options.report is not None:
        name = options.models
        save_json(
            options.report, build_report(settings, name, regions, records, confidence, unknown)
        )
    if problem is not None:
        raise problem
    if interrupted and picture is None:
        raise KeyboardInterrupt
    return 130 if interrupted else 0
