"""The README's picture of the page: `python -m tools.page_picture`; needs Playwright."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.helpers.visitor import ROOT, serving

CHROMIUM = "/usr/bin/chromium"
OUTPUT = ROOT / "docs/pictures/page.jpg"


def main() -> None:
    """A visit with the page's first example, as it comes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as (url, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        page.goto(url)
        page.wait_for_function(
            "document.querySelector('#note')?.innerText.includes('of the photo')"
        )
        page.locator("#stylize").click()
        page.wait_for_function("document.querySelector('.semcs-line').innerText.startsWith('Done')")
        page.wait_for_selector("#continue:not([disabled])")
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_timeout(2000)
        picture = Image.open(io.BytesIO(page.screenshot()))
        browser.close()
    picture.convert("RGB").save(OUTPUT, quality=85)


if __name__ == "__main__":
    main()
