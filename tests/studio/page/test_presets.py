"""Draft, standard, fine: what they set on the page, and which one it says is chosen."""

from dataclasses import replace

import pytest

from models.loading import STARTER
from semcs_core.methods import METHODS, PRESETS, SCALED, with_preset
from semcs_core.settings import Settings
from studio.flat_settings import flatten

CHOSEN = "(document.querySelector('#preset input:checked')?.value ?? null)"
OTHERS = f"""async ([preset, milliseconds]) => {{
    const others = [], end = performance.now() + milliseconds;
    while (performance.now() < end) {{
        if ({CHOSEN} !== preset) others.push({CHOSEN});
        await new Promise(requestAnimationFrame);
    }}
    return others;
}}"""
LATE = 500  # milliseconds in which an answer that is still under way arrives


def throttle(page, rate=4):
    """A slow visitor: the page's own work takes so many times as long."""
    session = page.page.context.new_cdp_session(page.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})


def click(page, preset):
    page.page.locator("#preset label").filter(has_text=preset).click()


def until_chosen(page, preset):
    """The page says that this preset is chosen, None for none of them, and goes on saying so."""
    page.until_true(f"preset => {CHOSEN} === preset", preset)
    others = page.page.evaluate(OTHERS, [preset, LATE])
    assert others == []


def until_filled(page, settings):
    """The controls hold the scaled settings of these."""
    page.until_values({name: flatten(settings)[name] for name in SCALED})


def test_draft_on_a_new_page_stays_chosen(page):
    throttle(page)
    page.page.goto(page.page.url.split("?")[0])
    page.until("#preset input")
    click(page, "Draft")  # before the page has its photo
    until_chosen(page, "draft")
    page.until_note("% of the photo")
    until_filled(page, with_preset(Settings(), "draft"))
    until_chosen(page, "draft")
    page.settings(steps=17)
    click(page, "Draft")  # what follows from the 17 may be still under way
    until_chosen(page, "draft")
    throttle(page, 1)


def test_the_chosen_preset_is_the_one_whose_settings_there_are(page, jobs):
    page.page.goto(page.page.url.split("?")[0])
    until_chosen(page, "standard")
    page.until_note("% of the photo")
    click(page, "Draft")
    page.stylize()
    assert "Done: 10 of 10 steps" in page.until_over()
    assert jobs[-1].settings == with_preset(Settings(), "draft")

    # By hand: none of them, and one again where the values are its own.
    page.settings(steps=17)
    until_chosen(page, None)
    page.settings(steps=10)
    until_chosen(page, "draft")

    # A method keeps the preset.
    page.choose("method", "Sem-CS")
    until_filled(page, with_preset(METHODS["semcs"], "draft"))
    page.until_true("document.querySelector('#patch_weight input').value == 9000")
    until_chosen(page, "draft")

    # A way back from values of one's own is a click, Reset or a result of the visit.
    page.settings(crops=7)
    until_chosen(page, None)
    click(page, "Fine")
    until_filled(page, with_preset(METHODS["semcs"], "fine"))
    assert page.setting("patch_weight").input_value() == "9000"
    page.settings(crops=7)
    page.page.locator("#reset").click()
    until_chosen(page, "standard")
    until_filled(page, Settings())
    page.page.locator("#history button").first.click()
    until_chosen(page, "draft")
    until_filled(page, with_preset(Settings(), "draft"))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("preset", PRESETS)
def test_settings_from_elsewhere_come_with_their_preset(cache, method, preset):
    from app import settings

    own = with_preset(METHODS[method], preset)
    assert settings.fill(own, STARTER)[settings.preset] == preset
    assert settings.fill(replace(own, seed=5), STARTER)[settings.preset] == preset
    assert settings.fill(replace(own, steps=7), STARTER)[settings.preset] is None
