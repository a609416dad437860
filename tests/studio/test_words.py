import pytest
import torch

from models.starter import Starter
from semcs_core.errors import UserError
from semcs_core.prompts import check_known
from studio.runs.jobs import describe_unknown


def test_unknown_words_are_named_once_and_a_prompt_of_none_other_is_refused():
    class Strict:
        known = frozenset(["fire", "photo"])

        def encode_text(self, texts):
            if any(not set(text.split()) & self.known for text in texts):
                raise UserError("none known")
            return torch.ones(len(texts), 3)

        def nearest(self, text):
            return {word: ["fire"] for word in text.split() if word not in self.known}

    assert check_known(Strict(), ["fire zzz", "fire zzz yyy"]) == {
        "zzz": ["fire"],
        "yyy": ["fire"],
    }
    with pytest.raises(UserError, match="none known"):
        check_known(Strict(), ["fire", "zzz"])


def test_unknown_words_are_told_with_what_is_nearest():
    assert describe_unknown({}) == ""
    assert describe_unknown({"zzz": [], "dali": ["psychedelic"]}) == (
        "The starter does not know these words, so they have no effect: "
        "“zzz” · “dali”; nearest: psychedelic."
    )
    assert "and 2 more" in describe_unknown({f"w{n}": [] for n in range(10)})


def test_a_prompt_known_in_part_is_painted_and_the_rest_is_named():
    starter = Starter.load()
    unknown = check_known(starter, ["dali fire", "mosaic"])
    assert describe_unknown(unknown).endswith("“dali”; nearest: psychedelic, drip painting.")
    assert check_known(starter, ["fire"]) == {}
