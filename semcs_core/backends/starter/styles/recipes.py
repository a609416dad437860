"""The styles that the starter models know, as data."""

from semcs_core.backends.starter.styles.recipe import Colouring, Palette, Recipe
from semcs_core.backends.starter.styles.recipes_craft import CRAFT
from semcs_core.backends.starter.styles.recipes_matter import MATTER
from semcs_core.backends.starter.styles.recipes_nature import NATURE
from semcs_core.backends.starter.styles.recipes_paint import PAINT
from semcs_core.backends.starter.styles.recipes_screen import SCREEN

__all__ = ["RECIPES", "Colouring", "Palette", "Recipe"]

RECIPES: dict[str, Recipe] = {
    recipe.key: recipe for recipe in (*PAINT, *SCREEN, *NATURE, *MATTER, *CRAFT)
}
"""Every style by its key."""
