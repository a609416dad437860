import pytest
import torch

from semcs_core.errors import UserError
from semcs_core.prompts import clean_prompt, embed_prompt, parse_style

TABLE = {"fire": [0, 1.0, 0], "a fire": [0, 0, 1.0]}


class TableEncoder:
    """Texts to vectors by a table, so that every mean is known."""

    templates = ("{}", "a {}")
    source_text = "photo"

    def encode_text(self, texts):
        return torch.tensor([TABLE[text] for text in texts])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("F: red rocks | B: snowy", ("red rocks", "snowy")),
        ("b: snowy | f: red rocks", ("red rocks", "snowy")),
        ("FG:red rocks|BG:snowy", ("red rocks", "snowy")),
        ("red rocks | snowy", ("red rocks", "snowy")),
        ("B: snowy | red rocks", ("red rocks", "snowy")),
        ("pop art", ("pop art", "pop art")),
        ("F: fire", ("fire", "")),
        ("| snowy", ("", "snowy")),
        ("F: Red Rocks\nB: Snowy", ("Red Rocks", "Snowy")),
        ("F: Red Rocks B: Snowy", ("Red Rocks", "Snowy")),
        ("background: snowy, object: red rocks", ("red rocks", "snowy")),
        ("plan b: chaos", ("plan b: chaos", "plan b: chaos")),
        ("fauvism: bold", ("fauvism: bold", "fauvism: bold")),
        ("", ("", "")),
    ],
)
def test_style_texts_are_split_into_foreground_and_background(text, expected):
    assert parse_style(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a | b | c", "at most two"),
        ("F: a | F: b", "twice"),
        ("F: a\nF: b", "twice"),
        ("x" * 2000, "2,000 characters"),
    ],
)
def test_unclear_style_texts_are_refused(text, sentence):
    with pytest.raises(UserError, match=sentence):
        parse_style(text)


def test_prompts_are_put_on_one_line_without_control_characters():
    assert clean_prompt("  red\n\trocks\x00 \u2028 at\x1b night ") == "red rocks at night"
    assert clean_prompt("🎨 naïve café 水墨画") == "🎨 naïve café 水墨画"
    assert clean_prompt("\ud800lone") == "lone"


def test_the_ensemble_is_the_normalised_mean_over_templates():
    expected = torch.tensor([0, 0.5, 0.5]) / torch.tensor(0.5).sqrt()
    torch.testing.assert_close(embed_prompt(TableEncoder(), "fire"), expected)


def test_a_prompt_with_braces_is_text_and_no_format():
    class Echo(TableEncoder):
        def encode_text(self, texts):
            self.seen = texts
            return torch.ones(len(texts), 3)

    encoder = Echo()
    embed_prompt(encoder, "{0.__class__} {x}")
    assert encoder.seen == ["{0.__class__} {x}", "a {0.__class__} {x}"]
