"""More visitors at once than the queue takes: all get their own picture, some after coming back."""

import colorsys
import logging
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from studio.server import service
from studio.server.queue import Queue

VISITORS = 6


@pytest.fixture
def short_line(monkeypatch):
    line = Queue(most=2)
    monkeypatch.setattr(service, "queue", line)
    return line


def picture_of(colour, path):
    pixels = np.tile(np.array(colour) * 255, (64, 64, 1))
    pixels[16:48, 16:48] = 128
    Image.fromarray(pixels.round().astype(np.uint8)).save(path)
    return path


@pytest.mark.real_size
def test_nobody_sees_anothers_picture_and_all_are_served(url, short_line, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    colours = [colorsys.hsv_to_rgb(n / VISITORS, 0.8, 0.8) for n in range(VISITORS)]
    mask = tmp_path / "mask.png"
    white = np.zeros((64, 64), np.uint8)
    white[16:48, 16:48] = 255
    Image.fromarray(white).save(mask)
    most, refusals = [], []

    def visit(number):
        photo = picture_of(colours[number], tmp_path / f"{number}.png")
        client = Client(url, verbose=False, download_files=tmp_path / str(number))
        while True:
            try:
                picture, _ = client.predict(
                    handle_file(photo),
                    "fire",
                    mask=handle_file(mask),
                    size=64,
                    steps=2,
                    api_name="/stylize",
                )
            except AppError as refusal:
                if "runs are waiting already: try again in" not in str(refusal):
                    raise
                refusals.append(number)
                most.append(short_line.state()[1])
                time.sleep(0.3)
            else:
                return np.asarray(Image.open(picture).convert("RGB"), float)

    with ThreadPoolExecutor(VISITORS) as pool:
        pictures = list(pool.map(visit, range(VISITORS)))
    assert refusals
    assert max(most) <= 2
    for colour, picture in zip(colours, pictures, strict=True):
        assert np.abs(picture[:8] - np.array(colour) * 255).max() < 4
        assert np.abs(picture[24:40, 24:40] - 128).mean() > 8
    assert short_line.state() == (0, 0)
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]
