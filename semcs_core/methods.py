"""The published methods, and our own, as values of the same settings.

Where a paper and its published code differ, the paper is followed; the constants that only the code
gives (thresholds, weights, share, band) are the code's. What the code does wrong stays wrong there:
crops keep their own weights, both texts drive their own region, and the loop ends on any picture.
"""

from __future__ import annotations

from dataclasses import replace

from semcs_core.settings import Settings

STUDIO = Settings()

CLIPSTYLER = Settings(
    size=512,
    steps=200,
    learning_rate=5e-4,
    schedule="halving",
    painter="stylenet",
    crops=64,
    crop_size=128,
    crop_jitter=0.0,
    crop_choice="band",
    foreground_band=1.0,
    background_band=1.0,
    distortion=0.5,
    perspective="black",
    sketch=0.0,
    likeness=0.0,
    source="photo",
    foreground_threshold=0.7,
    background_threshold=0.7,
    foreground_global=500.0,
    background_global=500.0,
    patch_weight=9000.0,
    alignment_weight=0.0,
    content_weight=150.0,
    tv_weight=2e-3,
    contrast=1.5,
)
"""Kwon and Ye, CVPR 2022, section 4.1: one text for the whole picture."""

GENERATIVE_ARTISAN = replace(
    CLIPSTYLER,
    steps=400,
    foreground_band=0.2,
    background_band=0.2,
    foreground_share=0.2,
    foreground_weight=0.3,
    background_weight=1.0,
    foreground_global=0.0,
)
"""Yang et al., arXiv 2207.11598: eq. 10-18 for the patches, eq. 19-22 for the background."""

SEM_CS = replace(CLIPSTYLER, steps=400, content_weight=600.0)
"""Kamra et al., ICIP 2023: a global loss for each region against its own text (lines 7-13)."""

METHODS = {
    "studio": STUDIO,
    "semcs": SEM_CS,
    "clipstyler": CLIPSTYLER,
    "generative-artisan": GENERATIVE_ARTISAN,
}
