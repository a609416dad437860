"""The words of a prompt: which style they mean, and what is offered for those that mean none."""

import json

import pytest
import torch

from models.starter import Starter
from models.starter.words import FILLERS, RELATED, find_nearest, find_style, thesaurus
from semcs_core.errors import UserError
from styles import STYLES, Colouring
from styles.palettes import COLOURS

NAMES = {name: key for key, style in STYLES.items() for name in style.names}
TABLE = json.loads(RELATED.read_text("utf-8"))


def nearest(text):
    (prompts,) = find_nearest(text).values()
    return prompts


def test_every_name_of_a_style_means_that_style():
    for style in STYLES.values():
        for name in style.names:
            assert find_style(f"A painting of {name.upper()}!")[0] is style, name


def test_a_colour_word_colours_the_style_it_stands_before():
    for style in STYLES.values():
        for word in COLOURS:
            if style.colouring is Colouring.FIXED or word in style.reserved:
                continue
            assert find_style(f"{word} {style.names[0]}") == (style, word)


@pytest.mark.parametrize(
    ("prompt", "key", "colour"),
    [
        ("red rocks", "redrock", None),  # the longest name counts
        ("green crystal", "greencrystal", None),
        ("violet mosaic", "mosaic", "purple"),
        ("red", "tint", "red"),
        ("a photo in plain blue", "tint", "blue"),
        ("a castle of stained glass", "stained", None),
        ("gogh's zyzzyva", "starry", None),  # part of a name
        ("zyzzyva blue fire", "fire", None),  # whose colours are its own
    ],
)
def test_names_within_names_colours_alone_and_parts_of_names(prompt, key, colour):
    style, word = find_style(prompt)
    assert (style.key, word) == (key, colour)


def test_unknown_words_are_named_once():
    assert find_nearest("Fire, ZYZZYVA & fire! zyzzyva") == {"zyzzyva": []}


@pytest.mark.parametrize("text", ["zyzzyva", "🦄", "of the zyzzyva", "", " ".join(sorted(FILLERS))])
def test_a_prompt_without_a_known_word_is_refused(text):
    for read in find_style, Starter(torch.nn.Identity()).nearest:
        with pytest.raises(UserError, match="know no word of"):
            read(text)


def test_the_table_leads_to_known_styles_each_another():
    for text, prompts in TABLE.items():
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
    assert nearest(text) == thesaurus()[plain_text]


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
def test_where_nothing_is_near_nothing_is_offered(text):
    assert not any(find_nearest(text).values())
    assert not any(find_nearest(f"fire of {text}").values())


def test_what_is_offered_is_known():
    assert find_nearest("a dali clock in golden style") == {
        "dali": ["psychedelic", "drip painting"],
        "clock": ["steampunk", "bronze"],
    }
    assert find_nearest("van goh") == {"goh": ["van gogh"]}
    assert find_nearest("purpel fire") == {"purpel": ["purple"]}
    for text in TABLE:
        prompts = [prompt for found in find_nearest(f"fire of {text}").values() for prompt in found]
        assert prompts, text
        assert not any(find_nearest(prompt) for prompt in prompts), text


def test_a_prompt_without_a_known_word_is_refused_with_the_nearest():
    def refusal(text):
        with pytest.raises(UserError) as caught:
            find_style(text)
        return str(caught.value)

    assert refusal("concrete") == (
        "The starter models do not know “concrete”: try the nearest, stonewall, terrazzo or rocks."
    )
    assert refusal("mosiac").endswith("do not know “mosiac”: try the nearest, mosaic.")
    assert refusal("the zyzzyva") == (
        "The starter models know no word of “the zyzzyva”: try fire, starry night or mosaic."
    )
    assert not find_nearest("fire starry night mosaic")
