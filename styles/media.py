"""Styles after drawing media: pencil, charcoal, chalk, pastel, ink, watercolour, spray."""

import math

import torch
from torch import Tensor

from styles.cells import capsule, ellipse, stamp, voronoi
from styles.curves import bump, fraction, nearest_line, smoothstep
from styles.fields import blur, stretch_to_unit
from styles.flow import smear, strokes
from styles.palettes import flat
from styles.record import Colouring, colourable, style
from styles.scene import Scene, mix


@style(
    "pencil",
    "sketch with black pencil; pencil sketch; pencil drawing; sketch; black and white sketch; "
    "pencil; crosshatching",
    "181818 8c8c8c fcfcfc",
    "202020 989490 f8f6f0",
)
def pencil(scene: Scene) -> Tensor:
    """Graphite outlines, slanting strokes in the shade, crossed where it is deepest."""
    dark = 1 - scene.tone
    angle = scene.uniform(0.4, 1.1) + 0.25 * (scene.noise(2) - 0.5)
    first = strokes(scene, angle, reach=0.07, cells=64, steps=7)
    second = strokes(scene, angle + 1.2, reach=0.05, cells=64, steps=5)
    lead = 0.6 * smoothstep(first + 0.5 * dark, 0.6, 0.9)
    lead = torch.maximum(lead, 0.75 * smoothstep(second + 0.6 * dark, 0.9, 1.15))
    lead = torch.maximum(lead, scene.drawn * (0.75 + 0.25 * first))
    paper = 0.94 - 0.04 * scene.noise(70) - 0.22 * dark
    return scene.colour((paper - lead * scene.uniform(0.85, 1.0)).clamp(0.04, 1))


@style("charcoal", "charcoal; charcoal drawing; charcoal sketch", "0c0c0c 404040 989898 e4e0dc")
def charcoal(scene: Scene) -> Tensor:
    """Broad smudged strokes of black with a rough grain."""
    tone = 0.8 * scene.tone + 0.15 * scene.fbm(2, 3)
    angle = scene.uniform(0, math.pi) + 0.8 * scene.noise(3)
    smudge = strokes(scene, angle, reach=0.07, cells=50, steps=5)
    tint = 1.2 * tone - 0.05 + 0.75 * (smudge - 0.5) + 0.4 * (scene.noise(80) - 0.5)
    return scene.colour(tint - 0.7 * scene.drawn)


@style(
    "chalk",
    "chalk; chalkboard; chalk drawing; blackboard; chalk on a blackboard",
    "f4f4ec f4f4ec f8e890 f4b8c0 b0d8f0",
    "fcfcf8 fcfcf8 fcfcf8 fcfcf8 f8f0a8",
)
def chalk(scene: Scene) -> Tensor:
    """White and coloured chalk dragged over a dark board, dust wiped across it."""
    angle = scene.uniform(0.4, 1.1)
    rubbed = strokes(scene, angle + 0 * scene.tone, reach=0.06, cells=60, steps=5)
    lit = smoothstep(scene.tone, 0.35, 1.0)
    side = smoothstep(rubbed, 0.6 - 0.3 * lit, 0.85 - 0.25 * lit) * smoothstep(lit, 0.0, 0.25)
    crumbs = smoothstep(scene.noise(80), 0.2, 0.5)
    mark = torch.maximum(0.8 * side, (0.75 * scene.outline + 0.3 * lit) * crumbs).clamp(max=0.9)
    dust = 0.09 * scene.fbm(2, 3, stretch=(1.0, 2.5)) + 0.05 * scene.tone
    hue = scene.colour(scene.noise(2))
    return mix(flat("1c2824") + dust, hue, mark)


@colourable(
    "pastel",
    "pastel; pastel drawing; soft pastel; pastels; pastel painting",
    "6c5c9c c87ca8 f4a8a0 f8d8a0 fcf4d8",
    "4c7ca8 7cb8c0 b8d8b0 f4e0b0 fcf0e0",
    "8c4c6c d87c70 f0b070 f4d8a8 d8e4e8",
    detail=0.85,
)
def pastel(scene: Scene) -> Tensor:
    """Powdery sticks of soft bright colour over the grain of the paper."""
    angle = scene.uniform(0.6, 1.2) + 0.7 * (scene.noise(3) - 0.5)
    powder = strokes(scene, angle, reach=0.07, cells=52, steps=6)
    picture = scene.colour(0.3 + 0.65 * scene.tone)
    for frequency in (4.0, 6.0, 9.0):
        sticks = stamp(scene, frequency, (1.05, 0.3), angle, spread=0.2, outline=capsule)
        tint = 0.8 * scene.tone_at(sticks) + 0.62 * (sticks.chance(0) - 0.5) + 0.12
        soft = smoothstep(sticks.inside, 0.0, 0.2) * smoothstep(powder, 0.3, 0.6)
        picture = mix(picture, scene.colour(tint) * (0.94 + 0.12 * sticks.chance(1)), soft)
    tooth = smoothstep(scene.noise(70) + 0.4 * powder, 0.35, 0.7)
    paper = flat("f4ecdc") * (0.8 + 0.24 * scene.tone)
    return mix(paper, picture, 0.45 + 0.55 * tooth)


@colourable(
    "watercolour",
    "watercolor painting; watercolor; watercolour; watercolour painting; aquarelle; "
    "watercolor wash",
    "1c54a0 28a0b8 7cb848 f0b838 e06858",
    "60309c d84888 f08850 f4c848 58b4a0",
    "204c8c 5888d0 b478b8 ec7c8c f4b46c",
    "186858 60a848 d8c040 e88840 b84460",
)
def watercolour(scene: Scene) -> Tensor:
    """Transparent washes with dark dried rims, blooms, granulation and bare paper."""
    tone = stretch_to_unit(blur(scene.tone, 0.008))
    layers = 0.8 * tone + 0.2 * scene.fbm(3, 4)
    layers = scene.warp(layers * scene.uniform(3.4, 4.6), 0.06, 9)
    wash = layers.floor() / 4.4
    rim = torch.exp(-fraction(layers) / 0.07)
    hue = stretch_to_unit(scene.noise(2.5) + 0.5 * scene.tone)
    hue = hue + 0.12 * ((layers.floor() % 2) - 0.5)
    pigment = scene.colour(0.9 * hue)
    bloom = scene.fbm(4, 3) - 0.5
    strength = (0.95 - 0.65 * wash + 0.5 * bloom).clamp(0.15, 1.1)
    bare = smoothstep(0.7 * scene.tone + 0.3 * scene.fbm(2.5, 3), 0.74, 0.78)
    shore = bump(bare - 0.35, 0.3) * 0.4
    strength = strength * (1 - 0.65 * bare)
    grains = smoothstep(scene.noise(52), 0.45, 0.85)
    strength = strength * (0.92 + 0.3 * grains) + 0.7 * rim * (1 - bare) + 0.4 * shore
    paper = flat("f4f0e6") * (0.94 + 0.07 * scene.noise(60))
    clear = paper * (1 - strength.clamp(max=1.0) * (1 - pigment))
    dried = 1 - 0.3 * (strength - 1.0).clamp(0, 1) - 0.35 * scene.drawn - 0.2 * rim
    return clear * dried


@style(
    "ink",
    "ink wash; ink; chinese ink painting; sumi-e; ink painting; black ink",
    "0c0c10 545458 b8b4ac f0ece0",
)
def ink_wash(scene: Scene) -> Tensor:
    """Wet black ink in pale paper: soft pools, and dry streaks where the brush ran out."""
    tone = 0.8 * scene.warp(scene.tone, 0.03, 12) + 0.2 * scene.warp(scene.fbm(2, 4), 0.2)
    washes = (tone * 4 + 0.3).floor() / 4
    bare = 0.5 * smoothstep(tone, 0.1, 0.8) + 0.45 * washes
    angle = scene.uniform(-0.5, 0.5) + scene.noise(2)
    dry = strokes(scene, angle, reach=0.1, cells=70, steps=7)
    drops = voronoi(scene, 7)
    size = 0.2 * drops.chance(0) ** 3 * scene.calm_at(drops)
    splash = 1 - smoothstep(drops.near + 0.06 * scene.noise(30), size, size + 0.04)
    streak = 0.9 * (dry - 0.5) * (1 - bare)
    return scene.colour(bare + streak - 0.6 * scene.drawn - 0.6 * splash)


@style("graffiti", "graffiti; spray paint; street art", "301848 e8209c f86820 38d048 20c0e8 f8e820")
def spray_paint(scene: Scene) -> Tensor:
    """Bulging sprayed shapes in loud colours with dark and white outlines, mist and drips."""
    x, y = scene.coordinates()
    soft = blur(scene.tone, 0.02)
    wall = scene.colour(0.3 * scene.noise(3) + 0.6 * scene.tone)
    picture = wall * (0.7 + 0.3 * scene.noise(24))
    for _ in range(3):
        side = 2 * scene.chance(0.5) - 1
        cloud = 0.5 * scene.warp(scene.fbm(2.4, 2), 0.12, 5) + 0.55 * side * (soft - 0.5) + 0.26
        shape = cloud + 0.015 * (scene.noise(90) - 0.5)
        inside = smoothstep(shape, 0.52, 0.535)
        fade = smoothstep(cloud + 0.1 * (scene.noise(90) - 0.5), 0.55, 0.8)
        start = scene.uniform()
        fill = mix(scene.swatch(start + 0 * x), scene.swatch(fraction(start + 0.3) + 0 * x), fade)
        dark = bump(shape - 0.52, 0.022)
        shine = bump(shape - 0.6, 0.012) * (scene.noise(4) > 0.5)
        picture = mix(picture, fill * (0.7 + 0.5 * scene.tone), inside)
        picture = mix(picture, flat("14101c"), dark.maximum(0.5 * scene.drawn))
        picture = mix(picture, flat("ffffff"), 0.85 * shine)
    column = voronoi(scene, 12, at=(x, y * 0.22))
    run = 1 - smoothstep(column.offset_x.abs(), 0.05, 0.09)
    run = run * (column.chance(0) > 0.75) * (column.offset_y.abs() < 0.3)
    return mix(picture, scene.swatch(column.chance(1)), 0.9 * run)


@style(
    "vintage",
    "vintage; sepia; old photograph; antique; sepia tone",
    "241408 6c4828 b08c5c e4cca0 f8ecd0",
)
def old_photo(scene: Scene) -> Tensor:
    """Faded brown print with grain, stains, scratches and a burnt rim."""
    x, _ = scene.coordinates()
    grain = scene.noise(80) - 0.5
    stains = scene.fbm(3, 3) - 0.5
    scratch = bump(nearest_line((x + 0.02 * scene.noise(2)) * 7 + scene.uniform()), 0.02)
    scratch = scratch * (scene.noise(5, (1.4, 0.4)) > 0.62)
    spots = stamp(scene, 9.0, (0.1, 0.1), scene.uniform(), vary=0.9, outline=ellipse)
    foxing = spots.cover * (spots.chance(0) > 0.6) * 0.2
    tint = 0.12 + 0.74 * scene.light + 0.16 * grain + 0.16 * stains - foxing
    return scene.colour(tint + 0.3 * scratch)


@style("tint", "color; colour", "202020 808080 f0f0f0", colouring=Colouring.REQUIRED)
def tint(scene: Scene) -> Tensor:
    """The photo in the light and dark of one colour."""
    return scene.colour(0.12 + 0.78 * scene.light + 0.12 * (scene.fbm(3, 4) - 0.5))


@style(
    "rembrandt",
    "old master painting; rembrandt; renaissance painting; caravaggio; cracked oil painting",
    "0c0804 3c2010 8c5424 d09c50 f4dca4",
    "0c0806 442014 945838 d0a060 f0d8a8",
)
def chiaroscuro(scene: Scene) -> Tensor:
    """An old master's canvas: figures lit out of brown darkness under cracked varnish."""
    x, y = scene.coordinates()
    lamp_x, lamp_y = scene.point()
    distance = ((x - lamp_x) ** 2 + (y - lamp_y) ** 2).sqrt() / scene.scale
    lamp = torch.exp(-((distance / 0.55) ** 2))
    angle = 6.3 * scene.noise(2)
    brush = smear(scene, scene.tone + 0.3 * scene.noise(30), angle, reach=0.02, steps=3)
    tint = (0.6 * stretch_to_unit(brush) + 0.4 * scene.light) ** 1.3 * (0.42 + 0.75 * lamp) + 0.05
    crackle = voronoi(scene, scene.uniform(13, 18), at=(x + 0.04 * scene.noise(9), y))
    crack = 1 - smoothstep(crackle.border, 0.0, 0.09)
    fine = crack * (0.4 + 0.6 * scene.noise(4))
    return scene.colour(tint) * (1 - 0.55 * fine)
