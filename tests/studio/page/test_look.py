"""What everyone must be able to use: contrast, names, small screens, a page that stays still."""

import pytest
from axe_playwright_python.sync_playwright import Axe

FOLDS = ("mask-fold", "styles", "settings", "advanced", "variations")
STILL = "document.getAnimations().every(a => a.playState !== 'running')"
WATCH_PLACES = """() => {
    window.places_seen = [];
    const look = () => window.places_seen.push(
        ["#editor", "#prompts", "#go", "#views", "#result", "#status", "#downloads"].map(id =>
            Math.round(document.querySelector(id).getBoundingClientRect().top + window.scrollY)
        ).join());
    const each_frame = () => { look(); window.places_frame = requestAnimationFrame(each_frame); };
    each_frame();
}"""
PALE = '<p style="color: #ddd; background: #fff">Pale</p>'


def serious_faults(visitor):
    visitor.page.wait_for_timeout(200)
    visitor.until_true(STILL)  # colours fade in, and are pale meanwhile
    found = Axe().run(visitor.page).response["violations"]
    return [
        (fault["id"], fault["help"], [node["html"][:200] for node in fault["nodes"][:3]])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


# Colours don't depend on the width, nor names and roles on the colours.
@pytest.mark.parametrize(
    ("width", "wider", "theme"),
    [
        pytest.param(390, 768, "dark", marks=pytest.mark.real_size),
        (1440, 2200, "light"),
    ],
)
def test_a_page_with_a_result_can_be_read_by_all_and_stays_still(visit, width, wider, theme):
    visitor = visit(f"?size=64&steps=2&__theme={theme}", size=(width, 900))
    page = visitor.page
    visitor.stylize()
    visitor.until_over()
    visitor.until("#continue:not([disabled])")

    # The history has come in at the bottom, and Continue can be pressed: now nothing jumps.
    visitor.forget_status()
    page.evaluate(WATCH_PLACES)
    page.locator("#stylize").click()
    visitor.until_over()
    page.evaluate("cancelAnimationFrame(window.places_frame)")
    seen = page.evaluate("window.places_seen")
    assert len(seen) > 3
    assert set(seen) == {seen[0]}

    # No serious fault of accessibility, with everything open.
    assert ("dark" in (page.locator("body").get_attribute("class") or "")) == (theme == "dark")
    for fold in FOLDS:
        visitor.open_fold(fold)
    assert serious_faults(visitor) == []
    page.get_by_role("tab", name="Before / after").click()
    visitor.addresses("#compare img", 2)
    assert serious_faults(visitor) == []

    # No sideways scrolling, also when a phone is turned, or a window made larger.
    for now in width, wider:
        page.set_viewport_size({"width": now, "height": 900})
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= now

    # The checker would have found a fault.
    page.evaluate("pale => { document.querySelector('#title').innerHTML = pale; }", PALE)
    assert any(fault[0] == "color-contrast" for fault in serious_faults(visitor))


def test_the_keyboard_is_enough_for_a_run(visit):
    visitor = visit("?size=64&steps=1")
    keyboard = visitor.page.keyboard
    visitor.prompt("object").focus()
    keyboard.press("Control+a")
    keyboard.type("lava")
    for _ in range(60):
        keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.id") == "stylize":
            break
    keyboard.press("Enter")
    visitor.until_over()
    assert visitor.page.locator("#history img").count() == 1
