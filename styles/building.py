"""Styles of building: tiles, metal, wood, gothic windows."""

import math

import torch
from torch import Tensor

from styles.cells import voronoi
from styles.curves import bump, fraction, nearest_line, rotate, scatter, smoothstep, wave
from styles.fields import blur
from styles.flow import strokes
from styles.palettes import RAINBOW, flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@colourable(
    "mosaic",
    "mosaic; tiles; mosaic tiles; roman mosaic; ceramic tiles",
    RAINBOW,
    "103080 b01830 2090c0 e06020 f0d040",
    "204060 c03028 2c8878 f0c840 f4ead0",
    "1c5c84 943420 3c9cac d88c3c e4dcc0",
)
def mosaic(scene: Scene) -> Tensor:
    """Square stones laid along bent rows, bevelled, with grout between them."""
    x, y = scene.coordinates()
    bend = 0.1 * scene.fbm(2, 2)
    along, across = rotate(x + bend, y - bend, scene.uniform(0, math.pi / 2))
    tiles = voronoi(scene, scene.uniform(15, 20), jitter=0.3, at=(along, across), metric="square")
    stone = smoothstep(tiles.border, 0.09, 0.2)
    colour = scene.colour(0.12 * tiles.chance(0) + 0.9 * scene.tone_at(tiles) - 0.02)
    colour = colour * (0.8 + 0.3 * tiles.chance(1)) * (1 - 0.6 * scene.drawn)
    bevel = 0.22 * (-tiles.offset_x - tiles.offset_y)
    grout = torch.where(scene.chance(0.65) > 0, flat("d8d0c0"), flat("2c2824"))
    return mix(grout * (0.8 + 0.2 * scene.tone), colour + bevel, stone)


@style(
    "gold",
    "golden; gold; gold leaf; shiny gold; golden metal",
    "2c1804 84540c d4a01c f8d85c fff8c8",
)
@style(
    "silver", "silver; metal; chrome; metallic; steel; iron", "141820 4c545c 949ca4 d0d8dc fcfeff"
)
def metal(scene: Scene) -> Tensor:
    """Polished metal: dark and light reflections in folds, brushed lines, white glints."""
    relief = 0.6 * blur(scene.tone, 0.02) + 0.3 * scene.warp(scene.fbm(2, 3), 0.3)
    folds = wave(relief * scene.uniform(2.0, 3.0))
    angle = scene.uniform(0, math.pi) + 0 * relief
    brushed = strokes(scene, angle, reach=0.07, cells=90, steps=5)
    tint = 0.06 + 0.5 * folds + 0.12 * (brushed - 0.5) + 0.45 * scene.tone
    glint = smoothstep(folds + 0.5 * scene.tone, 1.1, 1.4) * 0.3
    return scene.colour(tint) + glint


@style(
    "gothic",
    "gothic; gothic cathedral; gothic architecture; cathedral; medieval",
    "1c1c24 4c4c54 8c8c90 c8c4bc",
)
def gothic(scene: Scene) -> Tensor:
    """Rows of pointed windows in grey stone: tracery, mullions, deep coloured glass."""
    x, y = scene.coordinates()
    frequency = scene.uniform(2.6, 3.6)
    down = y * frequency * 0.62
    row = down.floor()
    across = x * frequency + 0.5 * (row % 2)
    u = fraction(across) - 0.5
    v = fraction(down)
    rise = (0.46 - v).clamp(min=0) / 0.62
    arch = ((u.abs() + 0.3) ** 2 + 1.25 * rise.square()).sqrt() - 0.3
    sill = smoothstep(v, 0.94, 0.96)
    stone = scene.colour(0.1 + 0.2 * scene.fbm(8, 4, 0.65) + 0.7 * scene.tone)
    opening = (1 - smoothstep(arch, 0.35, 0.36)) * (1 - sill)

    mullion = bump(u, 0.02) * (v > 0.3)
    crossbars = 0.6 * bump(nearest_line(v * 8), 0.05) * (v > 0.3)
    rose_x, rose_y = u, (v - 0.2) * 1.5
    rose_reach = (rose_x**2 + rose_y**2).sqrt()
    petals = torch.atan2(rose_y, rose_x) * 6 / (2 * math.pi)
    rose = bump(nearest_line(petals) * rose_reach, 0.012) * (rose_reach < 0.12)
    tracery = (mullion + crossbars + rose + bump(rose_reach - 0.12, 0.018)).clamp(0, 1)

    number_x = (u * 6).floor() + 40 * across.floor()
    number_y = (v * 6).floor() + 13 * row
    hues = torch.cat([wave(scatter(number_x, number_y) + k / 3) for k in (0, 1, 2)], dim=1)
    deep = mix(hues * flat("d8b0e0"), scene.colour(scene.tone), 0.4)
    glass = deep * (0.2 + 0.9 * scene.tone + 0.2 * bump(u, 0.25))
    window = mix(glass, stone * 0.5, tracery)
    mould = (bump(arch - 0.38, 0.018) + bump(arch - 0.42, 0.012)).clamp(0, 1)
    wall = stone * (1 - 0.5 * mould) + 0.1 * bump(arch - 0.4, 0.012)
    return mix(wall, window, opening * (0.3 + 0.7 * scene.calm))


@style("bronze", "bronze; copper; hammered copper", "1c0c04 6c3010 b46434 e8a070 ffe4cc")
def hammered_metal(scene: Scene) -> Tensor:
    """Cast bronze: broad soft reflections, faint hammer marks, green patina in the hollows."""
    relief = 0.6 * scene.tone + 0.6 * scene.warp(scene.fbm(2, 3), 0.25)
    folds = wave(relief * scene.uniform(1.4, 2.0))
    dents = voronoi(scene, scene.uniform(11, 15), jitter=0.9)
    bowl = smoothstep(dents.border, 0.0, 0.7)
    angle = scene.uniform(0, 2 * math.pi)
    side = (dents.offset_x * angle.cos() + dents.offset_y * angle.sin()) * bowl
    grain = scene.noise(70) - 0.5
    tint = 0.36 * folds + 0.45 * side + 0.6 * scene.tone + 0.06 * grain
    glint = smoothstep(folds + 0.6 * side, 0.9, 1.1) * 0.25
    verdigris = flat("4c9484") * (0.5 + 0.6 * scene.tone + 0.3 * grain)
    age = smoothstep(scene.fbm(3, 4) - 0.6 * scene.tone, 0.2, 0.45)
    return mix(scene.colour(tint) + glint, verdigris, 0.6 * age)


@style(
    "wood",
    "wooden; wood; carved wood; wood grain; timber",
    "2c1808 6c4420 a87440 d0a468 e8cc98",
    "241008 5c2c14 985028 c88450 e8b888",
)
def wood(scene: Scene) -> Tensor:
    """Planks of long grain that bends round knots."""
    x, y = scene.coordinates()
    turn = scene.uniform(-0.06, 0.06) + scene.chance(0.5) * math.pi / 2
    along, across = rotate(x, y, turn)
    planks = across * scene.uniform(2.2, 3.4) + 0.37
    plank = planks.floor() + scene.uniform(0, 40)
    shift = 5 * scatter(plank, torch.zeros_like(plank))
    knots = voronoi(scene, 2.6, at=(along * 0.5 + shift, across))
    knot = torch.exp(-((knots.near / 0.2) ** 2)) * (knots.chance(0) > 0.45)
    grain = across * 9 + shift + 0.9 * knot + 0.7 * scene.fbm(1.5, 2)
    rings = fraction(grain)
    fibres = strokes(scene, turn + 0 * x, reach=0.09, cells=90, steps=5)
    joint = bump(nearest_line(planks), 0.018)
    tint = 0.2 + 0.4 * rings + 0.34 * (fibres - 0.5) + 0.32 * (scene.tone - 0.5)
    tint = tint + 0.22 * scatter(plank, torch.ones_like(plank)) - 0.5 * knot**3
    return scene.colour(tint) * (1 - 0.75 * joint)
