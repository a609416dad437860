"""Styles of screen and light: pixels, neon, video faults, heat and X-ray pictures."""

import torch
import torch.nn.functional as F
from torch import Tensor

from styles.cells import voronoi
from styles.curves import bump, fraction, nearest_line, scatter, smoothstep, wave
from styles.fields import glow, stretch_to_unit
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@colourable(
    "pixel",
    "pixel art; 8-bit; minecraft; pixelated; retro video game",
    "1c1c34 3c4c8c 3ca45c e06040 e0c83c f4f0e0",
    "14283c 307c50 8c6438 7cc044 c8c8d0 f8f8f0",
    detail=0.3,
)
def pixel_art(scene: Scene) -> Tensor:
    """Hard square blocks in few colours, some rows dithered."""
    rows = max(3, round(scene.number(13, 17) * scene.scale))
    columns = max(3, round(rows * scene.aspect))
    relief = 0.9 * scene.tone + 0.1 * scene.fbm(4, 3)
    blocks = F.adaptive_avg_pool2d(relief, (rows, columns))
    checker = torch.arange(rows)[:, None] + torch.arange(columns)
    dither = (checker % 2).float() - 0.5
    blocks = stretch_to_unit(blocks) + 0.07 * dither
    blocks = blocks + 0.04 * (scene.rand(scene.count, 1, rows, columns) - 0.5)
    steps = (blocks * 6).floor().clamp(0, 5) / 5.5 + 0.03
    size = (scene.height, scene.width)
    return scene.swatch(F.interpolate(steps, size=size, mode="nearest"))


@colourable(
    "neon",
    "neon light; neon; neon lights; cyberpunk; glowing neon",
    "f020c0 a040ff 20e0f8 40ff90",
    "4060ff ff2880 20fff0",
    "ff3050 e030ff 20d0ff ff9010",
)
def neon(scene: Scene) -> Tensor:
    """Glass tubes of glowing colour on near black, white at the core."""
    relief = stretch_to_unit(0.2 * scene.fbm(2, 2) + glow(scene.tone, 0.02))
    tubes = scene.contours(relief * scene.uniform(1.6, 2.6), 0.014).maximum(0.9 * scene.outline)
    hue = scene.swatch(0.2 + 0.8 * scene.noise(2.5))
    halo = glow(tubes, 0.045)
    core = smoothstep(tubes, 0.75, 1.0) * 0.75
    night = 0.02 + 0.1 * scene.entry(0.2) * scene.tone
    lit = night + hue * (0.9 * tubes + 0.7 * halo)
    return mix(lit.clamp(0, 1), flat("ffffff"), core)


@style(
    "psychedelic",
    "psychedelic; acid; tie dye; trippy; liquid colors",
    "e82020 f09818 ecec28 20d040 2860e8 b828e0 e82020",
)
def psychedelic(scene: Scene) -> Tensor:
    """Endless bands of rainbow colour in liquid folds."""
    folds = scene.warp(scene.fbm(2, 2), 0.4) * scene.uniform(1.6, 2.4) + 1.8 * scene.tone
    return scene.colour(fraction(folds)) * (0.86 + 0.2 * wave(folds * 3))


@style("vaporwave", "vaporwave; synthwave; retrowave", "28105c 8c2ca4 f04cb0 fc9c9c fce4a0")
def vaporwave(scene: Scene) -> Tensor:
    """A striped setting sun in a violet sky, over a glowing wire grid in perspective."""
    x, y = scene.coordinates()
    rows = max(1, round(scene.scale))
    place = fraction(y / scene.scale * rows)
    floor = smoothstep(place, 0.6, 0.605)
    middle = 0.5 * scene.scale * scene.aspect + scene.uniform(-0.2, 0.2)
    depth = 0.12 / (place - 0.585).clamp(min=0.015)
    along = (x - middle) * depth * 3.2
    away = depth * 2.4 + scene.uniform()
    wire = torch.maximum(bump(nearest_line(along), 0.07), bump(nearest_line(away), 0.09))
    halo = torch.maximum(bump(nearest_line(along), 0.2), bump(nearest_line(away), 0.22))
    ground = scene.colour(0.04 + 0.32 * scene.tone)
    ground = ground + (0.8 * wire + 0.22 * halo) * flat("30e0ff")
    sky = scene.colour(0.1 + 0.62 * place / 0.6 + 0.35 * (scene.tone - 0.4))
    reach = ((x - middle) ** 2 + ((place - 0.4) * scene.scale / rows) ** 2).sqrt()
    slits = smoothstep(wave(place * 26), 0.2, 0.35) + (place < 0.36).float()
    sun = (1 - smoothstep(reach, 0.22, 0.23)) * slits.clamp(0, 1) * scene.calm
    disc = mix(flat("ff3c98"), flat("ffe060"), (1 - (place - 0.2) / 0.4).clamp(0, 1))
    sky = sky + 0.2 * bump(reach, 0.36) * flat("ff60b0")
    sky = mix(sky, disc * (0.75 + 0.3 * scene.tone), sun)
    figure = scene.colour(0.1 + 0.8 * scene.tone)
    return mix(mix(sky, ground, floor), figure, 0.6 * (1 - scene.calm))


@style(
    "circuit",
    "circuit board; computer chip; circuit; electronics",
    "02100a 083018 106c30 40c860 d0ffb0",
)
def circuit(scene: Scene) -> Tensor:
    """Bright tracks that run and bend between ringed pads and black chips, on a green board."""
    cells = voronoi(scene, scene.uniform(9, 12), jitter=0.0, metric="square")
    u, v = cells.offset_x, cells.offset_y
    kind = cells.chance(0)
    corner = ((u.abs() - 0.5) ** 2 + (v.abs() - 0.5) ** 2).sqrt() - 0.5
    straight = torch.where(kind < 0.4, u.abs(), v.abs())
    track_at = torch.where(kind < 0.8, straight, corner.abs())
    track = 1 - smoothstep(track_at, 0.07, 0.11)
    twin = 1 - smoothstep((track_at - 0.25).abs(), 0.03, 0.06)
    reach = (u**2 + v**2).sqrt()
    pad = (cells.chance(1) > 0.72) * scene.calm_at(cells)
    ring = (1 - smoothstep((reach - 0.22).abs(), 0.07, 0.11)) * pad
    hole = (1 - smoothstep(reach, 0.13, 0.16)) * pad
    copper = torch.maximum(track, 0.6 * twin)
    tint = 0.06 + 0.4 * scene.tone + 0.6 * copper * (0.15 + 0.85 * scene.tone)
    board = mix(scene.colour(tint), flat("e8c870"), ring)
    return _add_chips(scene, board * (1 - hole) * (1 - 0.6 * scene.drawn))


def _add_chips(scene: Scene, board: Tensor) -> Tensor:
    """Black packages with bright pins, set on a picture [n, 3, H, W]."""
    chips = voronoi(scene, 2.6, jitter=0.6, metric="square")
    half_x = chips.offset_x.abs()
    half_y = chips.offset_y.abs() * 1.5
    present = (chips.chance(0) > 0.35) * scene.calm_at(chips)
    body = (1 - smoothstep(torch.maximum(half_x, half_y), 0.25, 0.26)) * present
    skirt = (1 - smoothstep(torch.maximum(half_x, half_y * 0.8), 0.25, 0.27)) * present
    pins = skirt * (wave(chips.offset_x * 13) > 0.5)
    board = mix(board, flat("c8ccc8"), pins * (1 - body))
    return mix(board, flat("181c1c") + 0.3 * scene.tone, body)


@style(
    "matrix",
    "digital rain; matrix; the matrix; green code; digital matrix",
    "000402 043c14 10a038 60f880",
)
def digital_rain(scene: Scene) -> Tensor:
    """Columns of green glyphs that fade upwards behind a bright head, on black."""
    x, y = scene.coordinates()
    frequency = scene.number(13, 18)
    column = (x * frequency).floor()
    row = (y * frequency).floor()
    salt = scene.uniform(1, 60)
    pixel_x = (fraction(x * frequency) * 4).floor()
    pixel_y = (fraction(y * frequency) * 6).floor()
    letter = scatter(column * 7 + pixel_x + salt, row * 11 + pixel_y) > 0.45
    drawn = (letter & (pixel_x < 3) & (pixel_y < 5)).float()
    start = scatter(column + salt, 0 * column)
    length = 8 + 10 * scatter(column, salt + 0 * column)
    fall = fraction(row / length + start)
    bright = fall**1.6 * (0.1 + 1.2 * scene.tone)
    head = (fall > 1 - 1.01 / length).float()
    tint = 0.04 + 0.26 * scene.tone + drawn * (0.12 + 0.7 * bright)
    lit = mix(scene.colour(tint), flat("e8ffe8"), drawn * head * 0.8 * scene.tone)
    return lit + 0.25 * glow(drawn * bright, 0.012) * flat("20c040")


@style(
    "glitch",
    "glitch art; glitch; vhs; corrupted video; datamosh",
    "f020a0 20f0e0 f8f020 2040f0 101018",
)
def glitch(scene: Scene) -> Tensor:
    """A torn video signal: shifted bars, split colours, blocks of noise and scan lines."""
    x, y = scene.coordinates()
    bar = (y * 14 + 2 * scene.noise(3, (0.01, 1.0))).floor()
    salt = scene.uniform(1, 60)
    torn = scatter(bar, salt + 0 * bar) > 0.45
    jump = 0.16 * (scatter(bar + salt, 0 * bar) - 0.5) * torn
    red, green, blue = scene.content.split(1, 1)
    shifted = ((red, x + jump - 0.03), (green, x + jump), (blue, x + jump + 0.03))
    parts = [scene.sample(channel, at, y) for channel, at in shifted]
    picture = (torch.cat(parts, dim=1) - 0.5) * 1.2 + 0.5
    column, line = (x * 7).floor(), (y * 24).floor()
    block = (scatter(column + salt, line) > 0.86) * scene.calm
    picture = mix(picture, scene.swatch(scatter(line, column + 5)), 0.8 * block)
    static = scene.noise(70, (0.3, 1.0))
    picture = mix(picture, static, 0.5 * (scatter(bar + salt, 0 * bar + 9) > 0.9))
    return picture * (0.76 + 0.3 * wave(y * 44))


@style(
    "thermal",
    "thermal camera; heat map; infrared; thermal image; heat vision",
    "04041c 28108c 9c18a0 f04830 fcc020 fffce0",
)
def heat_map(scene: Scene) -> Tensor:
    """A thermal camera's picture: warm parts yellow and white, cold parts violet and black."""
    heat = stretch_to_unit(0.82 * glow(scene.light, 0.015) + 0.2 * (scene.fbm(2, 3) - 0.5))
    grain = 0.03 * (scene.noise(90) - 0.5)
    steps = (heat * 22).floor() / 22
    return scene.colour(0.5 * heat + 0.5 * steps + grain)


@style("xray", "x-ray; xray; radiograph; x ray; medical scan", "02060c 102c40 4c7c94 b4d8e4 f8ffff")
def x_ray(scene: Scene) -> Tensor:
    """A radiograph: the photo's light turned round, glowing rims like bone, blue-black ground."""
    shade = 1 - stretch_to_unit(glow(scene.light, 0.008))
    rims = glow(scene.outline, 0.012)
    fine = glow(scene.drawn, 0.006)
    fog = scene.fbm(2, 3) - 0.5
    grain = 0.05 * (scene.noise(90) - 0.5)
    body = 0.4 * shade**2 + 0.55 * rims + 0.5 * fine + 0.12 * fog + grain
    return scene.colour(body - 0.02)
