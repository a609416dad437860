"""The page on a port of its own, and a browser to visit it with."""

import os

# Before torch is imported: processes that all take every core are many times slower than one.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch.nn.functional as F
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from torch import Tensor

from models.starter.encoder import STYLE_BLOCKS
from models.starter.network import EfficientNetLite
from tests.helpers.browser import ARGUMENTS, CHROMIUM, Visit
from tests.helpers.visitor import free_port


def pytest_itemcollected(item: pytest.Item) -> None:
    """Each process has a browser and half of its tests; those of a file stay together."""
    group = item.location[0]
    if "chromium" in item.fixturenames:
        group = "browser, first half" if item.path.name < "test_n" else "browser, second half"
    item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser begins, since it takes longest."""
    items.sort(key=lambda item: "chromium" not in item.fixturenames)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Gradio's folder, known before the app is imported, whose pictures lie in it."""
    os.environ["GRADIO_TEMP_DIR"] = str(tmp_path_factory.mktemp("gradio"))
    return os.environ["GRADIO_TEMP_DIR"]


@pytest.fixture(scope="session")
def url(cache: str) -> Iterator[str]:
    """The page's address; the real app, served from this process."""
    import app

    _, address, _ = app.launch(server_port=free_port(), prevent_thread_lock=True, quiet=True)
    yield address
    app.demo.close(verbose=False)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; a machine without it fails these tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> BrowserContext:
    """What all visitors on a computer share: the browser's cache of the page's files."""
    return chromium.new_context()


@pytest.fixture(scope="module")
def real_forward() -> Iterator[Callable[..., Tensor]]:
    """Runs of a page take milliseconds: the encoder sees but 64 mean colours of a picture.

    All else is as ever, the search for the object too. Yields what the network really does.
    """

    def glance(self: EfficientNetLite, images: Tensor, blocks: tuple[int, ...]) -> list[Tensor]:
        if blocks != STYLE_BLOCKS:
            return real(self, images, blocks)
        return [F.adaptive_avg_pool2d(images, 8)] * len(blocks)

    real = EfficientNetLite.maps
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(EfficientNetLite, "maps", glance)
        yield real


@pytest.fixture
def real_engine(real_forward: Callable[..., Tensor], monkeypatch: pytest.MonkeyPatch) -> None:
    """One test on a page with the encoder that visitors have."""
    monkeypatch.setattr(EfficientNetLite, "maps", real_forward)


@pytest.fixture
def visit(
    context: BrowserContext, url: str, real_forward: object
) -> Iterator[Callable[..., Visit]]:
    """Open the page as one more visitor, perhaps with a link's query."""
    yield from _visits(context, url)


@pytest.fixture(scope="module")
def page(context: BrowserContext, url: str, real_forward: object) -> Iterator[Visit]:
    """One visit, which the tests of a file have one after the other."""
    visits = _visits(context, url)
    yield next(visits)("?size=64&steps=2")
    next(visits, None)


def _visits(context: BrowserContext, url: str) -> Iterator[Callable[..., Visit]]:
    pages: list[Page] = []
    faults: list[str] = []

    def open_page(query: str = "", size: tuple[int, int] = (1280, 1100), **phone: bool) -> Visit:
        """`size` of the window in pixels; a phone has options of `Browser.new_context`."""
        where = context.browser.new_context(**phone) if phone else context
        page = where.new_page()
        pages.append(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: faults.append(str(error)))
        return Visit(page, url + query)

    yield open_page
    texts = [page.content() for page in pages]
    for page in pages:
        page.close()
    assert not faults
    assert not any("Traceback" in text for text in texts)


@pytest.fixture(scope="session")
def disc_photo(tmp_path_factory: pytest.TempPathFactory):
    """A grey photo, 320 x 240, of a dark disc before a light wall; its path and the disc."""
    rows, columns = np.mgrid[:240, :320]
    disc = np.hypot(columns - 200, rows - 120) < 60
    noise = np.random.default_rng(0).normal(0, 4, disc.shape)
    grey = np.where(disc, 60, 170 + columns / 16) + noise
    rgb = np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    path = tmp_path_factory.mktemp("photos") / "disc.png"
    Image.fromarray(rgb).save(path)
    return path, disc


@pytest.fixture
def jobs(monkeypatch):
    """Every new job that the page has checked and is about to run."""
    from studio.runs import jobs

    seen = []
    prepare = jobs.prepare

    def recording(*args):
        seen.append(prepare(*args))
        return seen[-1]

    monkeypatch.setattr(jobs, "prepare", recording)
    return seen


@pytest.fixture(scope="session")
def work(disc_photo):
    """A visit's, with the disc's photo and its object found."""
    from studio.page import photos

    opened = photos.open_for_visit(disc_photo[0])
    return replace(opened, found=photos.search(opened.shown))


@pytest.fixture(scope="session")
def mask(work):
    """The object that was found, as the editor has it."""
    from studio.runs.mask_layer import from_alpha, to_alpha

    return from_alpha(to_alpha(work.found.mask))


@pytest.fixture(scope="session")
def change(mask):
    """What a run is asked for, by its two prompts."""
    from studio.runs.signals import Change

    return lambda foreground, background: Change(foreground, background, 1.0, 1.0, mask)


@pytest.fixture
def root(cache, tmp_path, monkeypatch):
    """The runs of this test alone."""
    from studio.runs import signals

    monkeypatch.setattr(signals, "root", lambda: tmp_path)
    return tmp_path
