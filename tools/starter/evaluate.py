"""Paint many pairs of prompts on photos and judge them by what knows nothing of the encoder.

python -m tools.starter.evaluate --photos tools/starter/photos/judged --output build/evaluation

Writes the pictures, `records.jsonl` (one run a line), `summary.json`, `summary.txt` and a contact
sheet of each prompt. Killed and started again it goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

import semcs_core
from models.loading import load_models
from semcs_core.image import fit, open_photo, to_tensor, to_uint8
from semcs_core.mask import find_object
from semcs_core.methods import two_regions
from semcs_core.run import stylize
from semcs_core.settings import Settings
from semcs_core.step import RunError
from styles.recipes import RECIPES
from tools.starter.bank import Bank, bank_file, read_bank
from tools.starter.fingerprint import fingerprint
from tools.starter.judgement import SIDES, Record, compare_neighbours, summarise, table
from tools.starter.measures import (
    describe_painted,
    is_bleached,
    is_collapsed,
    look,
    luminance,
    ssim_map,
    sure_regions,
)
from tools.starter.prompt_sheets import draw_sheets
from tools.starter.workers import in_parallel

PROMPTS: list[str] = json.loads(
    Path(__file__).with_name("evaluation_prompts.json").read_text("utf-8")
)
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
LEAST_AREA, MOST_AREA = 0.03, 0.97
KEYS = {name: recipe.key for recipe in RECIPES.values() for name in recipe.names}


@dataclass(frozen=True)
class Run:
    """One picture to paint.

    Attributes:
        photo: its file.
        place: in the photo's ring.
        foreground: prompt of the object.
        background: prompt of what is around it.
        settings: of the run.
        bank: file of the reference.
    """

    photo: Path
    place: int
    foreground: str
    background: str
    settings: Settings
    bank: Path

    @property
    def file(self) -> str:
        """Name of its picture."""
        keys = "-".join(KEYS[prompt] for prompt in (self.foreground, self.background))
        return f"{self.photo.stem}-{self.place:02d}-{keys}.png"

    @property
    def key(self) -> str:
        """Of all that its picture and its record depend on."""
        parts = [self.foreground, self.background, asdict(self.settings), self.bank.name]
        parts += [file_digest(self.photo), code_fingerprint()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def paint(
    photo: Tensor, mask: np.ndarray, foreground: str, background: str, settings: Settings
) -> Tensor:
    """Paint one picture with the starter models; the only place that knows how.

    Args:
        photo: [1, 3, H, W] in [0, 1].
        mask: [H, W] in [0, 1], 1 = object.
        foreground: prompt of the object.
        background: prompt of what is around it.
        settings: of the run.

    Returns:
        [1, 3, H, W] in [0, 1].

    Raises:
        RunError: the run cannot go on.
    """
    models = load_models("starter")
    regions = two_regions(mask, foreground, background, settings)
    *_, last = stylize(photo, regions, models.encoder, models.perceptual, settings, models.sketcher)
    return last.image


def at_size(size: int) -> Settings:
    """The default settings at another size, the style's marks as large in the picture as ever."""
    settings = Settings()
    crop_size = round(settings.crop_size * size / settings.size)
    return replace(settings, size=size, crop_size=crop_size)


def arrange(
    prompts: Sequence[str], number: int, laps: int = 1, seed: int = 0
) -> list[tuple[str, str]]:
    """Pairs (foreground, background) for one photo, in the order of a ring.

    The prompts lie shuffled in a ring, in turn as foreground and as background, and each two
    neighbours are a run: a run shares one prompt with the run before it and the other with the run
    after it, and every prompt is in two runs. A second lap swaps the roles; so do the odd photos,
    so that over two photos, or in two laps, every prompt has both.

    Args:
        prompts: an even number of them.
        number: of the photo; two photos in turn have their prompts in opposite roles.
        laps: 1 or 2.
        seed: of the shuffle.

    Raises:
        ValueError: the number of prompts is odd.
    """
    if len(prompts) % 2 or not prompts:
        raise ValueError(f"the ring needs an even number of prompts, not {len(prompts)}")
    # Roles by two photos, neighbours by each: a prompt meets other prompts on every photo.
    roles = Random(f"{seed} {number // 2}").sample(list(prompts), len(prompts))  # noqa: S311
    random = Random(f"{seed} {number}")  # noqa: S311 - an order, no secret
    pairs = []
    for lap in range(laps):
        swap = (number + lap) % 2
        fore, back = roles[swap::2], roles[1 - swap :: 2]
        random.shuffle(fore)
        random.shuffle(back)
        for place, background in enumerate(back):
            pairs += [(fore[place], background), (fore[(place + 1) % len(fore)], background)]
    return pairs


@lru_cache(maxsize=4)
def open_case(path: Path, size: int) -> tuple[Tensor, np.ndarray, bool]:
    """A photo [1, 3, H, W], its mask [H, W] in [0, 1], and whether that had to be made up."""
    photo = fit(open_photo(path), size)
    mask = find_object(photo.rgb, photo.alpha).mask
    if LEAST_AREA <= (mask >= 0.5).mean() <= MOST_AREA:
        return to_tensor(photo.rgb), mask, False
    height, width = mask.shape
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5)
    ellipse = ((0.3 - radius) * max(height, width) + 0.5).clip(0, 1).astype(np.float32)
    return to_tensor(photo.rgb), ellipse, True


def judge(run: Run, picture: Tensor, bank: Bank) -> Record:
    """All that can be said of one picture alone.

    Returns:
        For each side: `prompt`, `rank` of its style (1 is best; untouched photos are one of the
        classes) and `nearest` three classes, `before` and `after` (see `Look`), `ssim`,
        `collapsed`, `bleached`; the same `rank` of the untouched photo as `rank_before`. For the
        picture: `ssim`, and what the run was.
    """
    photo, mask, made_up = open_case(run.photo, run.settings.size)
    similar = ssim_map(luminance(photo), luminance(picture))
    record: Record = {
        "photo": run.photo.stem,
        "place": run.place,
        "file": run.file,
        "ellipse": made_up,
        "ssim": float(similar.mean()),
    }
    prompts = (run.foreground, run.background)
    for side, prompt, region in zip(SIDES, prompts, sure_regions(mask), strict=True):
        descriptors = [
            describe_painted(image, region, run.settings.crop_size) for image in (photo, picture)
        ]
        untouched, painted = bank.order(torch.stack(descriptors))
        before, after = look(photo, region), look(picture, region)
        inner = region[5:-5, 5:-5]  # where SSIM's window fits
        record[side] = {
            "prompt": prompt,
            "rank": 1 + painted.index(KEYS[prompt]),
            "rank_before": 1 + untouched.index(KEYS[prompt]),
            "nearest": painted[:3],
            "before": asdict(before),
            "after": asdict(after),
            "ssim": float(similar[inner].mean()) if inner.any() else record["ssim"],
            "collapsed": is_collapsed(before, after),
            "bleached": is_bleached(picture, region),
        }
    return record


def execute(run: Run, output: Path) -> Record:
    """Paint, keep and judge one picture; what a worker does."""
    began = time.perf_counter()
    photo, mask, _ = open_case(run.photo, run.settings.size)
    error = ""
    try:
        picture = paint(photo, mask, run.foreground, run.background, run.settings)
    except RunError as stopped:
        picture = photo if stopped.last is None else stopped.last.image
        error = str(stopped)
    pixels = to_uint8(picture)
    Image.fromarray(pixels).save(output / run.file)
    record = judge(run, to_tensor(pixels), cached_bank(run.bank))
    seconds = time.perf_counter() - began
    return {"key": run.key} | record | {"seconds": seconds, "error": error}


def read_records(path: Path) -> dict[str, Record]:
    """Records by key; a last line that was cut off by a kill is passed over."""
    records = {}
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        records[record["key"]] = record
    return records


def pending(runs: Sequence[Run], records: dict[str, Record], output: Path) -> list[Run]:
    """Runs that have no record of the same settings, or whose picture is gone."""
    return [run for run in runs if run.key not in records or not (output / run.file).exists()]


cached_bank = lru_cache(maxsize=1)(read_bank)


@lru_cache
def file_digest(path: Path) -> str:
    """Of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """Of the code that paints and judges, and of the models' weights.

    The page, the command line and downloads leave a picture as it is; so does this file's way to
    arrange the runs.
    """
    core = Path(semcs_core.__path__[0])
    backend = core / "backends/starter"
    style = ("prompts", "regions", "crops", "aims", "losses", "terms")
    loop = ("stylenet", "painter", "step", "run", "stylize")
    paths = [core / f"{name}.py" for name in (*style, *loop)]
    paths += [p for p in backend.rglob("*") if p.suffix in {".py", ".safetensors"}]
    paths += (core / "mask").glob("*.py")
    here = Path(__file__).parent
    paths += [here / f"{name}.py" for name in ("bank", "descriptor", "measures")]
    return fingerprint(sorted(paths))


def collect_photos(paths: Sequence[Path]) -> list[Path]:
    """Files, and the pictures in folders, by name."""
    found = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [p for p in inside if not path.is_dir() or p.suffix.lower() in SUFFIXES]
    return found


def describe_record(record: Record) -> str:
    """One line on a run."""
    parts = []
    for side in SIDES:
        part = record[side]
        mark = " COLLAPSED" if part["collapsed"] else " BLEACHED" if part["bleached"] else ""
        parts.append(f"{part['prompt']}: {part['rank']} ({', '.join(part['nearest'])}){mark}")
    error = " " + record["error"] if record.get("error") else ""
    return (
        f"{record['photo']} | {' | '.join(parts)} | SSIM {record['ssim']:.2f} | "
        f"{record['seconds']:.0f} s{error}"
    )


def main() -> None:
    """Parse the command line, paint what is not there yet, judge and sum up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, nargs="+", required=True, help="files or folders")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--size", type=int, default=Settings().size)
    parser.add_argument("--steps", type=int, default=Settings().steps)
    parser.add_argument("--prompts", type=int, default=len(PROMPTS), help="the first of the list")
    parser.add_argument("--laps", type=int, choices=(1, 2), default=1, help="2: both roles a photo")
    parser.add_argument("--limit-runs", type=int, help="at most so many runs of each photo")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="of Settings")
    options = parser.parse_args()
    settings = replace(at_size(options.size), steps=options.steps, seed=options.seed)
    settings = replace(settings, **dict(_parse(change) for change in options.set))
    photos = collect_photos(options.photos)
    if len({photo.stem for photo in photos}) < len(photos):
        parser.error("two photos have the same name")
    options.output.mkdir(parents=True, exist_ok=True)
    bank = bank_file(photos)
    runs = []
    for number, photo in enumerate(photos):
        pairs = arrange(PROMPTS[: options.prompts], number, options.laps, options.seed)
        for place, (fore, back) in enumerate(pairs[: options.limit_runs]):
            runs.append(Run(photo, place, fore, back, settings, bank))
        if open_case(photo, settings.size)[2]:
            print(f"{photo.stem}: no usable object found, a centred ellipse takes its place")
    path = options.output / "records.jsonl"
    records = read_records(path)
    todo = pending(runs, records, options.output)
    print(f"{len(runs)} runs, {len(runs) - len(todo)} of them done before", flush=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" if records else "")  # a line that was cut off ends here
        for record in in_parallel(partial(execute, output=options.output), todo, options.workers):
            records[record["key"]] = record
            file.write(json.dumps(record) + "\n")
            file.flush()
            print(describe_record(record), flush=True)
    finished = [records[run.key] for run in runs]
    masks = {photo.stem: open_case(photo, settings.size)[1] for photo in photos}
    summary = summarise(finished, compare_neighbours(finished, masks, options.output))
    (options.output / "summary.json").write_text(json.dumps(summary, indent=1), "utf-8")
    (options.output / "summary.txt").write_text(table(summary), "utf-8")
    print(table(summary))
    draw_sheets(finished, options.output)


def _parse(change: str) -> tuple[str, Any]:
    name, _, value = change.partition("=")
    return name, type(getattr(Settings(), name))(value)


if __name__ == "__main__":
    main()
