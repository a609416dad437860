"""What everyone must be able to use: contrast, names, small screens, a page that stays still."""

import pytest
from axe_playwright_python.sync_playwright import Axe

FOLDS = ("#mask-fold", "#styles", "#settings", "#advanced", "#variations")
FIRST_FOUND = "/% of the photo/.test(document.querySelector('#note')?.innerText)"
STILL = "document.getAnimations().every(a => a.playState !== 'running')"
OVER = "/^Done/.test(document.querySelector('.semcs-line').innerText)"


def open_folds(page):
    for fold in FOLDS:
        page.locator(f"{fold} > button").first.click()
    page.wait_for_timeout(300)


def run(page, size=64, steps=2):
    """From a link's settings; the page has the first example already."""
    page.goto(page.url.split("?")[0] + f"?size={size}&steps={steps}" + page.theme)
    page.wait_for_function(FIRST_FOUND)
    page.locator("#stylize").click()
    page.wait_for_function(OVER)
    page.wait_for_selector("#continue:not([disabled])")


def serious_faults(page):
    page.wait_for_timeout(200)
    page.wait_for_function(STILL)  # colours fade in, and are pale meanwhile
    found = Axe().run(page).response["violations"]
    return [
        (fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"][:3]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


# Colours don't depend on the width, nor names and roles on the colours.
@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_no_serious_accessibility_fault(visit, theme, width):
    page = visit(viewport={"width": width, "height": 900}).page
    page.theme = f"&__theme={theme}"
    run(page)
    assert ("dark" in (page.locator("body").get_attribute("class") or "")) == (theme == "dark")
    assert serious_faults(page) == []
    open_folds(page)
    assert serious_faults(page) == []
    for tab in "Before / after", "Time-lapse":
        page.get_by_role("tab", name=tab).click()
        page.wait_for_timeout(1500)
        assert serious_faults(page) == []


def test_the_checker_finds_a_fault(visit):
    page = visit().page
    page.evaluate(
        "document.querySelector('#title').innerHTML = '<p style=\"color: #ddd\">Pale</p>'"
    )
    assert any(fault[0] == "color-contrast" for fault in serious_faults(page))


@pytest.mark.parametrize("widths", [(390, 768), (1440, 2200)])
def test_no_sideways_scrolling(visit, widths):
    page = visit(viewport={"width": widths[0], "height": 900}).page
    page.theme = ""
    run(page)
    open_folds(page)
    for width in widths:  # the second as when a phone is turned, or a window made larger
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_jumps_while_a_run_goes_on(visit, width):
    page = visit(viewport={"width": width, "height": 900}).page
    page.theme = ""
    run(page)  # the history has come in at the bottom, and Continue can be pressed
    places = """
        () => ["#editor", "#prompts", "#go", "#views", "#result", "#status", "#downloads"].map(id =>
            Math.round(document.querySelector(id).getBoundingClientRect().top + window.scrollY))
    """
    before = page.evaluate(places)
    page.evaluate("document.querySelector('.semcs-line').innerText = ''")
    page.locator("#stylize").click()
    seen = []
    while not page.evaluate(OVER):
        seen.append(page.evaluate(places))
    assert len(seen) > 3
    assert {tuple(now) for now in seen} == {tuple(before)}


def test_the_keyboard_is_enough_for_a_run(visit):
    page = visit().page
    page.theme = ""
    page.goto(page.url + "?size=64&steps=1")
    page.wait_for_function(FIRST_FOUND)
    page.locator("#object-style textarea, #object-style input").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("lava")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "stylize":
            break
    page.keyboard.press("Enter")
    page.wait_for_function(OVER)
    assert page.locator("#history img").count() == 1
