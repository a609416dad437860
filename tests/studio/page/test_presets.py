"""Draft, standard, fine: what they set on the page."""

from semcs_core.methods import with_preset
from semcs_core.settings import Settings


def until_chosen(page, preset):
    """The page says that this preset is chosen, None for none of them."""
    chosen = "(document.querySelector('#preset input:checked')?.value ?? null)"
    page.until_true(f"preset => {chosen} === preset", preset)


def choose(page, preset):
    page.page.get_by_role("radio", name=preset).check()


def test_a_preset_fills_its_settings_and_is_what_the_run_does(visit, jobs):
    page = visit()
    choose(page, "Draft")
    page.stylize()
    assert "Done: 16 of 16 steps" in page.until_over()
    assert jobs[-1].settings == with_preset(Settings(), "draft")

    # A setting of one's own is no preset; the way back is a click.
    page.settings(steps=400)
    until_chosen(page, None)
    choose(page, "Fine")
    page.until_true("document.querySelector('#size input').value == 576")
    page.page.locator("#reset").click()
    until_chosen(page, "standard")


def test_a_link_shows_the_preset(visit):
    page = visit()
    page.page.goto(f"{page.page.url.split('?')[0]}?size=576&steps=60&crops=48&crop_size=144")
    until_chosen(page, "fine")
