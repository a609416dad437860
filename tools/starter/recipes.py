"""The styles that the starter models know, as data."""

from tools.starter.recipe import Colouring, Palette, Recipe
from tools.starter.recipes_craft import CRAFT
from tools.starter.recipes_matter import MATTER
from tools.starter.recipes_nature import NATURE
from tools.starter.recipes_paint import PAINT
from tools.starter.recipes_screen import SCREEN

__all__ = ["RECIPES", "Colouring", "Palette", "Recipe"]

RECIPES: dict[str, Recipe] = {
    recipe.key: recipe for recipe in (*PAINT, *SCREEN, *NATURE, *MATTER, *CRAFT)
}
"""Every style by its key."""
