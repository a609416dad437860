"""How the page looks: one theme, light and dark, and the rules that Gradio has no option for."""

from __future__ import annotations

import gradio as gr

FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
MONOSPACE = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Quiet greys, one accent, fonts of the visitor's own system (nothing is fetched)."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.violet,
        secondary_hue=gr.themes.colors.violet,
        neutral_hue=gr.themes.colors.zinc,
        radius_size=gr.themes.sizes.radius_md,
        font=FONTS,
        font_mono=MONOSPACE,
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        block_border_width="1px",
        block_shadow="none",
        block_label_text_color="*neutral_700",
        block_label_text_color_dark="*neutral_200",
        block_title_text_color="*neutral_800",
        block_title_text_color_dark="*neutral_100",
        block_title_text_weight="600",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="white",
        button_secondary_background_fill="*neutral_200",
        button_secondary_background_fill_hover="*neutral_300",
        button_secondary_background_fill_dark="*neutral_700",
        button_secondary_background_fill_hover_dark="*neutral_600",
    )


# Heights are fixed or reserved wherever content comes and goes: nothing jumps while it learns.
CSS = """
.gradio-container { max-width: 1480px !important; margin: 0 auto !important; }
#title h1 { font-size: 1.6rem; font-weight: 700; margin: 0 0 .2rem; }
#title p { margin: 0; color: var(--body-text-color-subdued); }
.semcs-note, .semcs-line, .semcs-remark, .semcs-caption { margin: 0; line-height: 1.4; }
.semcs-note { min-height: 1.4em; }
.semcs-caption { font-size: .85rem; color: var(--body-text-color-subdued); }
.semcs-status { min-height: 8.5rem; }
.semcs-line { font-weight: 600; font-variant-numeric: tabular-nums; min-height: 1.4em; }
.semcs-status progress {
    appearance: none; width: 100%; height: .5rem; margin: .6rem 0; border: 0; overflow: hidden;
    border-radius: .25rem; background: var(--border-color-primary);
}
.semcs-status progress::-webkit-progress-bar { background: var(--border-color-primary); }
.semcs-status progress::-webkit-progress-value { background: var(--primary-600); }
.semcs-status progress::-moz-progress-bar { background: var(--primary-600); }
.semcs-losses { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; font-size: .85rem; }
.semcs-losses div { display: flex; gap: .4rem; }
.semcs-losses dt { color: var(--body-text-color-subdued); }
.semcs-losses dd { margin: 0; font-family: var(--font-mono); font-variant-numeric: tabular-nums; }
.semcs-remark { margin-top: .35rem; font-size: .9rem; }
.semcs-chips { height: 6.4rem; overflow-y: auto !important; }
.semcs-chips > .label svg { display: none; }
#examples { border: 0; background: none; }
#result img { width: 100%; height: 100%; object-fit: contain; }
#note > div, #caption > div, #status > div { padding: 0 !important; }
#caption { margin-bottom: -.6rem; }
#examples, #examples .gallery-container, #examples .grid-wrap {
    height: auto !important; min-height: 0; padding: 0; overflow: visible !important;
}
#examples .caption-label { display: none; }
#examples .grid-container {
    grid-template-columns: repeat(7, minmax(0, 1fr)); grid-auto-rows: auto;
    gap: .5rem; padding: 0; margin: 0;
}
#examples .thumbnail-item { aspect-ratio: 1; width: 100%; height: auto; }
#tools { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; }
#tools button { min-width: 0 !important; }
@media (max-width: 640px) {
    .semcs-note { min-height: 2.8em; }
    .semcs-status { min-height: 11rem; }
    #examples .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)); }
    #tools { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    #result { height: 95vw !important; }
}
"""
