import pytest

from models.loading import load_models
from semcs_core.errors import UserError
from semcs_core.prompts import check_known
from studio.runs.jobs import describe_unknown


def test_unknown_words_are_named_once_and_a_prompt_of_none_other_is_refused():
    class Strict:
        def nearest(self, text):
            unknown = [word for word in text.split() if word != "fire"]
            if unknown == text.split():
                raise UserError("none known")
            return {word: ["fire"] for word in unknown}

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
    starter = load_models().encoder
    unknown = check_known(starter, ["dali fire", "mosaic"])
    assert describe_unknown(unknown).endswith("“dali”; nearest: psychedelic, drip painting.")
    assert check_known(starter, ["fire"]) == {}
