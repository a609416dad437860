"""Draft, standard, fine: what they set, and what the page says that a run would take."""

import re
from dataclasses import asdict, replace

import pytest

from models.loading import best_device
from semcs_core.methods import METHODS, SCALED, with_preset
from semcs_core.settings import Settings
from studio import cost
from studio.cost import Calibration
from studio.page import cost_line
from studio.page.visit import Visit

LINE = "(document.querySelector('#cost-line')?.innerText ?? '')"
SAID = r"about \d+(\.\d)? (s|min|h) and \d+(\.\d)? [MG]B"


def line(page, pattern):
    """The line, once it says so."""
    page.until_true(f"p => new RegExp(p).test({LINE})", pattern)
    return page.page.evaluate(LINE)


def chosen(page):
    """The preset that is chosen, None where there is none."""
    boxes = page.page.locator("#preset input:checked")
    return boxes.get_attribute("value") if boxes.count() else None


def choose(page, preset):
    page.page.get_by_role("radio", name=preset).check()


def test_a_preset_fills_its_settings_says_its_cost_and_is_what_the_run_does(visit, jobs):
    page = visit()
    standard = line(page, f"^Standard: {SAID}")
    choose(page, "Draft")
    draft = line(page, f"^Draft: {SAID}")
    assert draft != standard.replace("Standard", "Draft")
    page.stylize()
    assert "Done: 16 of 16 steps" in page.until_over()
    assert jobs[-1].settings == with_preset(Settings(), "draft")

    # A setting of one's own is no preset; the way back is a click.
    page.settings(steps=400)
    slow = line(page, f"^A{SAID[1:]}")
    assert chosen(page) is None
    choose(page, "Draft")
    # As said by now: the run has told how long its steps took, on a machine with other work.
    assert seconds(slow) > seconds(line(page, f"^Draft: {SAID}"))
    choose(page, "Fine")
    line(page, f"^Fine: {SAID}")
    assert page.setting("size").input_value() == "576"
    page.page.locator("#reset").click()
    line(page, f"^Standard: {SAID}")
    page.until_true("document.querySelector('#preset input:checked')?.value === 'standard'")


def test_a_run_that_is_over_says_what_the_next_one_takes(visit, monkeypatch):
    page = visit()
    line(page, f"^Standard: {SAID}")  # this machine has been measured
    slow = Calibration(slowness=10_000.0)
    monkeypatch.setitem(cost._calibrations, ("starter", best_device()), slow)
    page.settings(size=128, steps=4)
    assert seconds(line(page, f"^A{SAID[1:]}")) > 600
    page.stylize()
    page.until_over()
    assert seconds(line(page, r"^About \d+ s and")) < 100


def test_a_method_keeps_the_preset_and_a_link_shows_it(visit, jobs):
    page = visit()
    line(page, f"^Standard: {SAID}")  # the page has filled its settings
    choose(page, "Draft")
    line(page, "^Draft")
    page.choose("method", "Sem-CS")
    line(page, f"^Draft: {SAID}")
    draft = with_preset(METHODS["semcs"], "draft")
    page.until_true(f"document.querySelector('#steps input').value == {draft.steps}")
    assert page.setting("patch_weight").input_value() == "9000"

    page.page.goto(f"{page.page.url.split('?')[0]}?size=576&steps=60&crops=48&crop_size=144")
    line(page, f"^Fine: {SAID}")
    page.until_true("document.querySelector('#preset input:checked')?.value === 'fine'")


def seconds(text):
    number, unit = re.search(r"([\d.]+) (s|min|h)", text).groups()
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]


@pytest.fixture
def say(monkeypatch):
    """The sentence for some settings, on a machine like that of the table."""
    monkeypatch.setattr(cost_line, "known_calibration", lambda *_: Calibration())

    def say(foreground="fire", background="snowy", models="starter", **changes):
        settings = asdict(replace(Settings(), **changes))
        values = {name: settings[name] for name in cost_line.USED}
        return cost_line.say(Visit(), foreground, background, models, values)

    return say


def test_the_line_follows_the_prompts_and_the_models(say):
    assert re.fullmatch(f"{SAID}\\.", say())
    assert say("fire | snowy", "") == say()
    assert say("", "") == say("fire", "") == say("fire", "fire")
    assert seconds(say("fire", "", size=1024)) < seconds(say(size=1024))
    assert seconds(say(models="clip-vit-b16")) > seconds(say())
    assert set(SCALED) <= set(cost_line.USED)


def test_a_run_that_cannot_end_in_time_is_announced(say):
    assert "15 min" not in say()
    assert say(models="clip-vit-b16", steps=1000, size=768).endswith("; it ends after 15 min.")


def test_what_is_not_known_is_not_said(say, monkeypatch):
    monkeypatch.setattr(cost_line, "known_calibration", lambda *_: None)
    assert say() == "the time is known after a first run."
