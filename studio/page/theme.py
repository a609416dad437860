"""How the page looks: a theme, light and dark, and page.css for what Gradio has no option for."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

CSS = Path(__file__).with_name("page.css").read_text("utf-8")
FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONOSPACE = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
SHADES = {
    "body_background_fill": ("neutral_50", "neutral_950"),
    "body_text_color_subdued": ("neutral_600", "neutral_400"),
    "block_label_text_color": ("neutral_700", "neutral_200"),
    "block_title_text_color": ("neutral_800", "neutral_100"),
    "block_info_text_color": ("neutral_600", "neutral_400"),
    "input_placeholder_color": ("neutral_500", "neutral_400"),
    "button_secondary_background_fill": ("neutral_200", "neutral_700"),
    "button_secondary_background_fill_hover": ("neutral_300", "neutral_600"),
    "button_primary_background_fill": ("primary_600", "primary_600"),
    "button_primary_background_fill_hover": ("primary_700", "primary_700"),
}
"""Shades of Gradio's hues on a light and on a dark page, by the variable of the theme."""


def theme() -> gr.themes.Base:
    """Greys, one accent, and the fonts of the visitor's system, so that nothing is fetched."""
    base = gr.themes.Base(
        primary_hue="violet",
        secondary_hue="violet",
        neutral_hue="zinc",
        radius_size="md",
        font=FONTS,
        font_mono=MONOSPACE,
    )
    shades = {name: f"*{light}" for name, (light, _) in SHADES.items()}
    shades |= {f"{name}_dark": f"*{dark}" for name, (_, dark) in SHADES.items()}
    return base.set(
        **shades,
        block_border_width="1px",
        block_shadow="none",
        block_title_text_weight="600",
        button_primary_text_color="white",
    )
