"""The styles that the starter models know, as data."""

from styles.recipe import Colouring, Palette, Recipe
from styles.recipes_craft import CRAFT
from styles.recipes_matter import MATTER
from styles.recipes_nature import NATURE
from styles.recipes_paint import PAINT
from styles.recipes_screen import SCREEN

__all__ = ["RECIPES", "Colouring", "Palette", "Recipe"]

RECIPES: dict[str, Recipe] = {
    recipe.key: recipe for recipe in (*PAINT, *SCREEN, *NATURE, *MATTER, *CRAFT)
}
"""Every style by its key."""
