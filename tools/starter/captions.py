"""What the pictures of the training set are called."""

from __future__ import annotations

from random import Random

from models.starter.encoder import Starter, split_words
from styles.palettes import COLOUR_SYNONYMS, COLOURS
from styles.recipe import Recipe
from styles.recipes import RECIPES

TEMPLATES = (
    *Starter.templates,
    "a {} image",
    "a rendering of {}",
    "an image of {}",
    "the {} texture",
    "{} art",
)
PHOTOS = (
    Starter.source_text,
    "photo",
    "a photograph",
    "photograph",
    "a plain photo",
    "a natural photo",
    "a realistic photo",
    "an ordinary photograph",
)


def vocabulary() -> list[str]:
    """Every word that a caption can hold, sorted."""
    texts = [*TEMPLATES, *PHOTOS, *COLOURS, "color", "colour", "colored", "coloured"]
    texts += [word for words in COLOUR_SYNONYMS.values() for word in words]
    texts += [name for recipe in RECIPES.values() for name in recipe.names]
    return sorted({word for text in texts for word in split_words(text)})


def caption(recipe: Recipe, colour: str | None, random: Random) -> str:
    """Describe one picture: any of the style's names, its colour word, any template."""
    name = random.choice(recipe.names) if random.random() < 0.6 else recipe.names[0]
    if colour is not None:
        word = random.choice((colour, colour, *COLOUR_SYNONYMS.get(colour, ())))
        name = f"{word} {name}"
    template = "{}" if random.random() < 0.4 else random.choice(TEMPLATES)
    return template.format(name)
