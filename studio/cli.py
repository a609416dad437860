"""The command line: one photo in, one picture out; and `models`, what there is to paint with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from semcs_core.errors import UserError
from semcs_core.mask import MASK_SOURCES
from semcs_core.mask.affinity import NEIGHBOUR_WEIGHT
from semcs_core.methods import METHODS, PRESETS, STANDARD
from studio.flat_settings import ENTRIES

PROGRAM = "python -m studio"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the line and exit with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def build_parser() -> argparse.ArgumentParser:
    """The options; those of the settings come from their fields."""
    parser = Parser(
        prog=PROGRAM,
        description="Words paint a photo: one style for the object, another for what is around it.",
        epilog="`python -m studio models` lists the models and what they cost; `python -m studio "
        "check` tries whether they are what they say.",
    )
    add = parser.add_argument
    add("photo", type=Path, metavar="PHOTO")
    add("--foreground", metavar="TEXT", help="style of the object")
    add("--background", metavar="TEXT", help="style of what is around it")
    about = 'both in one: "red rocks | snowy", or one for everything'
    add("--text", metavar="STYLE", help=about)
    about = "a picture whose style the {} gets, in place of words or averaged with them"
    add("--foreground-picture", type=Path, metavar="FILE", help=about.format("object"))
    add("--background-picture", type=Path, metavar="FILE", help=about.format("background"))
    add("--mask", type=Path, metavar="FILE", help="picture whose white is the object")
    about = (
        "auto, starter, clip-vit-b32, clip-vit-b16 or clip-rn50; auto takes full models that "
        "are downloaded already, or that a GPU machine can download, else the starter"
    )
    add("--models", metavar="NAME", help=f"{about}; by default the method's own if downloaded")
    about = (
        "how the object is found: by the built-in network, DINO features, their first eigenvector "
        "as in Sem-CS, or a person; by default as the method does if that is downloaded"
    )
    add("--mask-source", choices=MASK_SOURCES, help=about)
    about = "lambda of the mask's graph, the weight of cells near in colour: 10 (default), or 0"
    add("--mask-neighbours", type=float, default=NEIGHBOUR_WEIGHT, metavar="N", help=about)
    about = "take the mask from this eigenvector alone"
    add("--eigenvector", type=int, metavar="1-4", help=about)
    add("--mask-threshold", type=float, metavar="N", help="of it, 0 to 1")
    add("--flip", action="store_true", help="object and background exchanged")
    add("--output", type=Path, metavar="FILE.png", help="default: PHOTO-semcs.png")
    about = "render the picture at the photo's own size, not at the working size"
    add("--own-size", action="store_true", help=about)
    add("--mask-output", type=Path, metavar="FILE.png", help="save the mask")
    add("--report", type=Path, metavar="FILE.json", help="save what was done")
    add("--quiet", action="store_true", help="print errors alone")
    about = "preset of the settings: studio, or semcs where CLIP is chosen"
    add("--method", choices=METHODS, help=about)
    about = "how large, how long and by how many crops, laid over the method (standard)"
    add("--preset", choices=PRESETS, default=STANDARD, help=about)
    add = parser.add_argument_group("settings", "each overrides method and preset").add_argument
    for name, entry in ENTRIES.items():
        option, field = f"--{name.replace('_', '-')}", entry.about
        if "options" in field:
            about = f"{field['help']} Studio: {entry.default}"
            add(option, choices=field["options"], help=about)
        else:
            range_ = f"{field['minimum']:g} to {field['maximum']:g}"
            about = f"{field['help']} {range_}, studio {entry.default:g}"
            add(option, type=entry.kind, metavar="N", help=about)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        The exit status: 0, 1 where a check fails, 2 for an error of the user's, 130 after Ctrl-C.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    # torch takes seconds to import: --help and a wrong option need not wait for it.
    try:
        if arguments[:1] == ["models"]:
            from studio import models_cli

            models_cli.run(arguments[1:])
        elif arguments[:1] == ["check"]:
            from studio import check_cli

            return check_cli.run(arguments[1:])
        else:
            options = build_parser().parse_args(arguments)
            from studio.one_picture import paint

            paint(options)
    except UserError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 0
