"""Links to the settings of a page, and the seeds that a visitor picks."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from semcs_core.errors import UserError
from semcs_core.methods import METHODS
from semcs_core.settings import Settings
from studio.flat_settings import ENTRIES, flatten
from studio.page.links import Link, read_query, write_query


def test_links_seeds_and_reset(visit, disc_photo):
    page = visit().begin(disc_photo[0])
    numbers = {name: entry for name, entry in ENTRIES.items() if entry.kind is not str}
    changed = {}
    for name, entry in [*numbers.items()][::4]:  # typing takes long
        low, high, step = (entry.about[key] for key in ("minimum", "maximum", "step"))
        value = round(low + step * round(0.37 * (min(high, 1000) - low) / step), 6)
        changed[name] = entry.kind(value)
        assert changed[name] != entry.default
    page.choose("method", "Sem-CS, 2023")
    page.until_values({"steps": 400, "content_weight": 600})
    page.settings(**changed)
    page.prompts("red rocks", "snowy & wild")
    choices = ENTRIES.keys() - numbers.keys()

    def chosen(page):
        return {
            name: page.page.locator(f"#{name} input").input_value()
            for name in (*choices, "method", "models")
        }

    page.page.locator("#make-link").click()
    page.until_true("document.querySelector('#link textarea, #link input')?.value.includes('?')")
    link = page.page.locator("#link textarea, #link input").input_value()
    read = read_query(dict(parse_qsl(urlsplit(link).query)))
    assert flatten(read.settings) == flatten(METHODS["semcs"]) | changed

    other = visit("?" + urlsplit(link).query)
    other.until_prompts("red rocks", "snowy & wild")
    other.until_values(changed)
    assert chosen(other) == chosen(page)
    assert chosen(other)["schedule"] == "halving"

    # Seeds: a thrown one, then that of the picture; and everything as on a new page.
    other.page.locator("#reset").click()
    defaults = {name: field.default for name, field in numbers.items()}
    other.until_values(defaults | {"steps": 24})
    assert {name: chosen(other)[name] for name in choices} == {
        name: ENTRIES[name].default for name in choices
    }
    other.settings(size=64, steps=1, seed=77)
    other.make("fire", "mosaic")
    other.page.locator("#dice").click()
    other.until_true("document.querySelector('#seed input').value !== '77'")
    other.page.locator("#reuse").click()
    other.until_values({"seed": 77})
    # The first visitor's page shows nothing of it.
    assert page.prompt_values() == ("red rocks", "snowy & wild")
    assert page.page.locator("#result img, #history img").count() == 0
    assert page.page.locator("#download").is_disabled()
    assert page.page.locator("#continue").is_disabled()

    # A link that cannot be used: a sentence, and the page is there all the same.
    base = urlsplit(link)
    other.page.goto(f"{base.scheme}://{base.netloc}{base.path}?steps=nan&foreground=fire")
    assert "Steps in the link must be a number" in other.toast("Steps")
    other.until_note("% of the photo")
    other.until_values({"steps": 24})


def test_a_link_says_what_it_was_given():
    settings = Settings(size=128, seed=2**31 - 1, tv_weight=1e-5, schedule="halving")
    for link in (
        Link(),
        Link("fire & flames", "snow=white", "auto", "clipstyler", METHODS["clipstyler"]),
        Link("", "snowy", "starter", "semcs", settings),
        Link("“red” + 100 %", "", settings=settings),
    ):
        assert read_query(dict(parse_qsl(write_query(link)))) == link
    assert write_query(Link()) == ""
    assert write_query(Link("fire", settings=Settings(steps=80))) == "foreground=fire&steps=80"
    assert read_query({"theme": "dark", "seeds": "x", "__sign": "y"}) == Link()


@pytest.mark.parametrize(
    "query",
    [
        *({"contrast": "nan"}, {"patch_weight": "inf"}, {"steps": "9" * 5000}, {"size": "-8"}),
        *({"seed": ""}, {"schedule": "never"}, {"method": "magic"}, {"models": "../secret"}),
        {"foreground": "x" * 400},
    ],
)
def test_a_bad_link_is_one_sentence(query):
    with pytest.raises(UserError) as error:
        read_query(query)
    text = str(error.value)
    assert 20 < len(text) < 200
    assert "\n" not in text
    assert text.endswith(".")
