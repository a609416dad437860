"""How the page looks: a theme, light and dark, and page.css for what Gradio has no option for."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

CSS = Path(__file__).with_name("page.css").read_text("utf-8")
FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONOSPACE = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
GREYS = {
    "body_background_fill": (50, 950),
    "body_text_color_subdued": (600, 400),
    "block_label_text_color": (700, 200),
    "block_title_text_color": (800, 100),
    "block_info_text_color": (600, 400),
    "input_placeholder_color": (500, 400),
    "button_secondary_background_fill": (200, 700),
    "button_secondary_background_fill_hover": (300, 600),
}
"""Shades of Gradio's neutral hue on a light and on a dark page, by the variable of the theme."""


def theme() -> gr.themes.Base:
    """Greys, one accent, and the fonts of the visitor's system, so that nothing is fetched."""
    violet, zinc = gr.themes.colors.violet, gr.themes.colors.zinc
    base = gr.themes.Base(
        primary_hue=violet,
        secondary_hue=violet,
        neutral_hue=zinc,
        radius_size=gr.themes.sizes.radius_md,
        font=FONTS,
        font_mono=MONOSPACE,
    )
    shades = {name: f"*neutral_{light}" for name, (light, _) in GREYS.items()}
    shades |= {f"{name}_dark": f"*neutral_{dark}" for name, (_, dark) in GREYS.items()}
    primary = "button_primary_background_fill"
    for name, shade in {primary: "*primary_600", f"{primary}_hover": "*primary_700"}.items():
        shades |= {name: shade, f"{name}_dark": shade}
    return base.set(
        **shades,
        block_border_width="1px",
        block_shadow="none",
        block_title_text_weight="600",
        button_primary_text_color="white",
    )
