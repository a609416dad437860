"""Words that the starter does not know: what is offered instead of them."""

import pytest

from models.starter import Starter
from models.starter.thesaurus import build_thesaurus, load_related, nearest_to_unknown
from semcs_core.errors import UserError
from styles import STYLES

NAMES = {name: key for key, style in STYLES.items() for name in style.names}
THESAURUS = build_thesaurus(NAMES, load_related())


def nearest(text):
    return nearest_to_unknown([text], (), THESAURUS)[text]


@pytest.fixture(scope="module")
def starter():
    return Starter.load()


def test_the_table_leads_to_known_styles_each_another():
    for text, prompts in load_related().items():
        assert 1 <= len(prompts) <= 3, text
        assert set(prompts) <= NAMES.keys(), text
        assert len({NAMES[prompt] for prompt in prompts}) == len(prompts), text


@pytest.mark.parametrize(
    ("text", "plain_text"),
    [
        ("Tigers", "tiger"),
        ("stenciled", "stencil"),
        ("DALÍ", "dali"),
        ("daisies", "daisy"),
    ],
)
def test_forms_of_a_word_mean_the_same(text, plain_text):
    assert nearest(text) == nearest(plain_text) == THESAURUS[plain_text]


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("mosiac", "mosaic"),
        ("kanagwa", "The Great Wave off Kanagawa"),
        ("starrynight", "starry night"),
        ("marblish", "marble"),
    ],
)
def test_forms_and_misspellings_of_known_words_lead_to_them(text, prompt):
    assert nearest(text) == [prompt]


@pytest.mark.parametrize("text", ["", "zyzzyva", "\x00\x1b[31m", "🦄", "x" * 5000])
def test_where_nothing_is_near_nothing_is_offered(text, starter):
    assert nearest(text) == []
    assert not any(starter.nearest(text).values())


def test_the_starter_offers_what_it_knows(starter):
    assert starter.nearest("a dali clock in golden style") == {
        "dali": ["psychedelic", "drip painting"],
        "clock": ["steampunk", "bronze"],
    }
    assert starter.nearest("van goh") == {"goh": ["van gogh"]}
    assert starter.nearest("purpel fire") == {"purpel": ["purple"]}
    for text in load_related():
        prompts = [prompt for found in starter.nearest(text).values() for prompt in found]
        assert prompts, text
        assert not any(starter.nearest(prompt) for prompt in prompts), text


def test_every_prompt_that_may_be_offered_is_known(starter):
    for prompt in {prompt for prompts in starter._thesaurus.values() for prompt in prompts}:
        assert starter.nearest(prompt) == {}


def test_a_prompt_without_a_known_word_is_refused_with_the_nearest(starter):
    def refusal(text):
        with pytest.raises(UserError) as caught:
            starter.encode_text([text])
        return str(caught.value)

    assert refusal("concrete") == (
        "The starter models do not know “concrete”: try the nearest, stonewall, terrazzo or rocks."
    )
    assert refusal("mosiac").endswith("do not know “mosiac”: try the nearest, mosaic.")
    assert refusal("the zyzzyva") == (
        "The starter models know no word of “the zyzzyva”: try fire, starry night or mosaic."
    )
    assert not starter.nearest("fire starry night mosaic")
