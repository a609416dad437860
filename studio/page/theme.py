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
        button_primary_background_fill_hover_dark="*primary_700",
        button_primary_text_color="white",
        button_secondary_background_fill="*neutral_200",
        button_secondary_background_fill_hover="*neutral_300",
        button_secondary_background_fill_dark="*neutral_700",
        button_secondary_background_fill_hover_dark="*neutral_600",
    )


# Heights are fixed or reserved wherever content comes and goes: nothing jumps while it learns.
CSS = """
.gradio-container { max-width: 1480px !important; margin: 0 auto !important; }
#title h1, #title p { display: inline; }
#title h1 { font-size: 1.5rem; font-weight: 700; margin: 0 .6rem 0 0; }
#title p { color: var(--body-text-color-subdued); }
.semcs-note, .semcs-line, .semcs-remark, .semcs-caption { margin: 0; line-height: 1.4; }
.semcs-note { min-height: 1.4em; }
.semcs-caption { font-size: .85rem; color: var(--body-text-color-subdued); }
#note > div, #status > div, #words > div, .semcs-caption-box > div { padding: 0 !important; }
.semcs-caption-box { margin-bottom: -.4rem; }
#words { margin: -.5rem 0; }
#words .semcs-note { font-size: .9rem; }
#stage { min-height: 300px; }

.semcs-status { min-height: 7.5rem; }
.semcs-line { font-weight: 600; font-variant-numeric: tabular-nums; min-height: 1.4em; }
.semcs-status progress {
    appearance: none; width: 100%; height: .5rem; margin: .6rem 0; border: 0; overflow: hidden;
    border-radius: .25rem; background: var(--border-color-primary);
}
.semcs-status progress::-webkit-progress-bar { background: var(--border-color-primary); }
.semcs-status progress::-webkit-progress-value { background: var(--primary-600); }
.semcs-status progress::-moz-progress-bar { background: var(--primary-600); }
.semcs-numbers { display: flex; gap: 1.5rem; align-items: flex-start; }
.semcs-losses {
    display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; font-size: .85rem; flex: 1;
}
.semcs-losses div { display: flex; gap: .4rem; }
.semcs-losses dt { color: var(--body-text-color-subdued); }
.semcs-losses dd { margin: 0; font-family: var(--font-mono); font-variant-numeric: tabular-nums; }
.semcs-curve { width: 11rem; height: 3rem; flex: none; }
.semcs-curve polyline { fill: none; stroke: var(--primary-600); stroke-width: 2; }
.dark .semcs-curve polyline { stroke: var(--primary-400); }
.semcs-remark { margin-top: .35rem; font-size: .9rem; }

/* Gradio's accent is too pale for words on white. */
#views [role=tab].selected { color: var(--primary-600); }
.dark #views [role=tab].selected { color: var(--primary-400); }
/* Its mask could not be brought back, as that of our own button can; there is one colour. */
#editor [aria-label="Clear canvas"], #editor [aria-label="Color"] { display: none; }
#result img, #timelapse img { width: 100%; height: 100%; object-fit: contain; }
#upload-box button { font-weight: 500; }
#examples, #eigenvectors, #history, #variation-gallery { border: 0; background: none; }
#examples, #examples .gallery-container, #examples .grid-wrap,
#eigenvectors .grid-wrap, #history .grid-wrap, #variation-gallery .grid-wrap {
    height: auto !important; min-height: 0; overflow: visible !important;
}
#examples, #examples .gallery-container, #examples .grid-wrap, #eigenvectors .grid-wrap,
#history .grid-wrap, #variation-gallery .grid-wrap { padding: 0; }
#examples .caption-label { display: none; }
#examples .grid-container {
    grid-template-columns: repeat(7, minmax(0, 1fr)); grid-auto-rows: auto;
    gap: .5rem; padding: 0; margin: 0;
}
#examples .thumbnail-item { aspect-ratio: 4 / 3; width: 100%; height: auto; }
#style-gallery .grid-container, #history .grid-container { gap: .4rem; }
#style-gallery .grid-container, #history .grid-container {
    grid-template-columns: repeat(6, minmax(0, 1fr));
}
#variation-gallery .grid-container, #eigenvectors .grid-container {
    padding: 0; margin: 0; grid-template-columns: repeat(4, minmax(0, 1fr));
}
#style-gallery .caption-label, #history .caption-label, #variation-gallery .caption-label,
#eigenvectors .caption-label {
    position: static; display: block; max-width: 100%; padding: .1rem .2rem; border: 0;
    box-shadow: none; background: none; color: var(--body-text-color); font-size: .75rem;
    text-align: left; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
#style-gallery .thumbnail-item, #history .thumbnail-item, #variation-gallery .thumbnail-item,
#eigenvectors .thumbnail-item { aspect-ratio: auto; height: auto; }
#style-gallery .thumbnail-item img, #history .thumbnail-item img { aspect-ratio: 1; }

#tools { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; }
.semcs-three { display: grid !important; grid-template-columns: repeat(3, minmax(0, 1fr)); }
#tools button, .semcs-three button, #go button { min-width: 0 !important; }
#go { display: grid !important; grid-template-columns: 5fr 3fr 4fr; gap: .6rem; }
#go button { padding-left: .2rem; padding-right: .2rem; font-size: 1rem; white-space: nowrap; }
@media (max-width: 640px) {
    .semcs-note { min-height: 2.8em; }
    .semcs-status { min-height: 13.5rem; }
    .semcs-numbers { flex-direction: column; gap: .5rem; }
    .semcs-curve { width: 100%; }
    #tools { grid-template-columns: repeat(2, minmax(0, 1fr)); }
    #style-gallery .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)); }
    #history .grid-container { grid-template-columns: repeat(3, minmax(0, 1fr)); }
    #examples .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)); }
    #result { height: 95vw !important; }
}
"""
