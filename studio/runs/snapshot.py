"""A run in a file, to go on with in another process."""

from __future__ import annotations

import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from semcs_core.errors import UserError
from semcs_core.protocols import PerceptualFeatures, RegionEncoder, Sketcher
from semcs_core.regions import Region
from semcs_core.run import Run
from semcs_core.settings import RegionControls, Settings
from studio.files import replacing
from studio.runs.memory import ran_out

FORMAT = "semcs run 3"
_DAMAGED = "This saved run cannot be used, it is damaged or of another version: start a new run."


def save_snapshot(path: Path, run: Run) -> None:
    """Save all that a run between two steps needs to go on, here or on another device.

    Raises:
        UserError: the folder does not exist or cannot be written to.
    """
    regions = [
        {n: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for n, v in asdict(one).items()}
        for one in run.regions
    ]
    snapshot = {
        "format": FORMAT,
        "settings": asdict(run.settings),
        "photo": run.photo,
        "regions": regions,
        "state": run.state_dict(),
    }
    with replacing(path) as temporary:
        torch.save(snapshot, temporary)


def load_snapshot(
    path: Path,
    encoder: RegionEncoder,
    perceptual: PerceptualFeatures | None,
    sketcher: Sketcher | None = None,
    device: str = "cpu",
) -> Run:
    """The run that was saved; on the same machine it goes on as if it had never been away.

    Nothing in the file is executed. The models are those of the saved run, on the device.

    Raises:
        UserError: the file is missing, damaged, foreign, or of a run with other models.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            # PyTorch does not look at the checksums.
            if archive.testzip() is not None:
                raise UserError(_DAMAGED)
        snapshot = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(snapshot, dict) or snapshot.get("format") != FORMAT:
            raise UserError(_DAMAGED)
        regions = []
        for one in snapshot["regions"]:
            one |= {n: v.numpy() for n, v in one.items() if isinstance(v, torch.Tensor)}
            regions.append(Region(**one | {"controls": RegionControls(**one["controls"])}))
        saved = dict(snapshot["settings"])
        controls = tuple(RegionControls(**c) for c in saved.pop("controls"))
        settings = Settings(controls=controls, **saved)
        photo = snapshot["photo"].to(device)
        run = Run(photo, regions, encoder, perceptual, settings, sketcher)
        run.load_state_dict(snapshot["state"])
        return run
    except UserError:
        raise
    except FileNotFoundError as error:
        raise UserError("This saved run is no longer there: start a new run.") from error
    except Exception as error:  # damaged data lead to anything
        if ran_out(error):
            raise
        raise UserError(_DAMAGED) from error
