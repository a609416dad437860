"""Patterns of stone and earth: rock, canyon, walls, marble, agate, rust."""

import math

import torch
from torch import Tensor

from styles.cells import voronoi
from styles.fields import (
    Number,
    bump,
    contours,
    coordinates,
    fbm,
    fraction,
    gradient,
    nearest_line,
    noise,
    rotate,
    scatter,
    smoothstep,
    stretch_to_unit,
    warp,
    wave,
)
from styles.palettes import flat
from styles.scene import Scene, mix


def relief_shade(scene: Scene, height: Tensor, angle: Number, depth: float = 1.0) -> Tensor:
    """Light on a height field from one side, about -1..1, 0 where it is level."""
    right, down = gradient(scene, height)
    angle = torch.as_tensor(angle)
    slope = right * angle.cos() + down * angle.sin()
    return torch.tanh(depth * slope)


def _bent(scene: Scene, amount: float, cells: float) -> tuple[Tensor, Tensor]:
    x, y = coordinates(scene)
    shifted_x = x + amount * (noise(scene, cells) - 0.5)
    shifted_y = y + amount * (noise(scene, cells) - 0.5)
    return shifted_x, shifted_y


def rock(scene: Scene) -> Tensor:
    """Rough boulders lit from one side, with grit and deep cracks."""
    crags = warp(scene, fbm(scene, 4, 5, 0.62, ridged=True), 0.1, 5)
    stones = voronoi(scene, scene.uniform(4, 7), at=_bent(scene, 0.12, 5))
    crack = 1 - smoothstep(stones.border, 0.0, 0.13)
    height = 0.3 * crags - 0.12 * crack - 0.15 * stones.near
    light = relief_shade(scene, height, scene.uniform(3.6, 4.6), 0.6)
    tint = 0.42 + 0.26 * (crags - 0.5) + 0.3 * light + 0.35 * (scene.tone - 0.5)
    tint = tint + 0.2 * (stones.chance(0) - 0.5)
    grit = 0.86 + 0.26 * noise(scene, 70)
    return scene.colour(tint) * grit * (1 - 0.7 * crack)


def strata(scene: Scene) -> Tensor:
    """Layered canyon walls: uneven bands, jutting ledges with shadows, and broken clefts."""
    _, y = coordinates(scene)
    folds = y + 0.2 * (fbm(scene, 1.5, 3) - 0.5) + 0.05 * scene.tone
    thickness = 0.5 * noise(scene, 6, (0.1, 1.0))
    layers = (folds + 0.3 * thickness) * scene.uniform(6, 9) + 0.25 * fbm(scene, 9, 3)
    layer = layers.floor()
    inside = fraction(layers)
    salt = scene.uniform(0, 40)
    hard = scatter(layer + salt, torch.zeros_like(layer))
    rough = warp(scene, fbm(scene, 5, 5, 0.62, ridged=True, stretch=(1.3, 0.8)), 0.08, 6)
    cleft = 1 - smoothstep(fbm(scene, 5, 3, ridged=True, stretch=(1.6, 0.5)), 0.22, 0.42)
    height = 0.26 * rough + 0.05 * hard - 0.1 * cleft
    light = relief_shade(scene, height, scene.uniform(3.6, 4.6), 0.6)
    ledge = torch.exp(-inside / 0.16)
    lip = torch.exp(-(1 - inside) / 0.07)
    tint = 0.2 + 0.34 * hard + 0.34 * light + 0.2 * (rough - 0.5) + 0.16 * lip
    tint = tint + 0.42 * (scene.tone - 0.35)
    grit = 0.86 + 0.26 * noise(scene, 70)
    return scene.colour(tint) * grit * (1 - 0.42 * ledge) * (1 - 0.45 * cleft)


def stone_wall(scene: Scene) -> Tensor:
    """Field stones of uneven size in pale mortar, rounded by light."""
    x, y = _bent(scene, 0.05, 8)
    stones = voronoi(scene, scene.uniform(6, 8), jitter=0.75, at=(x * 0.7, y))
    mortar = 1 - smoothstep(stones.border, 0.07, 0.17)
    rough = fbm(scene, 9, 4, 0.65)
    round_light = 0.34 * (-stones.offset_x * 0.5 - stones.offset_y)
    tint = 0.3 + 0.4 * stones.chance(0) + round_light + 0.3 * (rough - 0.5)
    tint = tint + 0.35 * (scene.tone - 0.5)
    shadow = 1 - 0.45 * (1 - smoothstep(stones.border, 0.1, 0.34))
    joint = scene.entry(0.8) * (0.62 + 0.3 * scene.tone + 0.2 * (noise(scene, 60) - 0.5))
    return mix(scene.colour(tint) * shadow, joint, mortar)


def bricks(scene: Scene) -> Tensor:
    """Courses of fired brick in pale mortar."""
    x, y = coordinates(scene)
    frequency = scene.uniform(8, 12)
    down = y * frequency + scene.uniform()
    course = down.floor()
    across = x * frequency / 2.2 + 0.5 * (course % 2)
    gap_x = 2.2 * nearest_line(across)
    gap_y = nearest_line(down)
    face = smoothstep(torch.minimum(gap_x, gap_y), 0.05, 0.12)
    random = scatter(across.floor() + scene.uniform(0, 40), course)
    rough = fbm(scene, 14, 3)
    tint = 0.2 + 0.42 * random + 0.35 * (scene.tone - 0.3) + 0.3 * (rough - 0.5)
    mortar = flat("d4ccc0") * (0.6 + 0.4 * scene.tone) * (0.85 + 0.2 * noise(scene, 60))
    return mix(mortar, scene.colour(tint), face)


def marble(scene: Scene) -> Tensor:
    """Pale polished stone with fine branching veins."""
    x, y = coordinates(scene)
    _, across = rotate(x, y, scene.uniform(0, math.pi))
    flow = across + 0.5 * (warp(scene, fbm(scene, 2, 4, 0.5), 0.25, 3) - 0.5)
    cloud = fbm(scene, 2, 4)
    coarse = contours(scene, flow * scene.uniform(1.6, 2.2), 0.02 + 0.03 * cloud**2)
    fine = contours(scene, warp(scene, flow, 0.14, 6) * 3.3 + 0.4, 0.007)
    hair = contours(scene, warp(scene, flow, 0.3, 4) * 4.1 + 0.2, 0.004)
    veins = 0.5 * coarse * (0.4 + cloud) + 0.4 * fine + 0.25 * hair
    tint = 0.9 - veins - 0.2 * (cloud - 0.5) - 0.45 * (0.62 - scene.tone)
    return scene.colour(tint)


def rust(scene: Scene) -> Tensor:
    """Corroded iron: flaking brown and orange over grey paint, with pits."""
    decay = fbm(scene, 4, 5, 0.72)
    grain = noise(scene, 70)
    paint = smoothstep(decay + 0.2 * (scene.tone - 0.5), 0.62, 0.66)
    tint = 0.8 * stretch_to_unit(fbm(scene, 5, 4, 0.7) + 0.6 * decay) + 0.35 * (grain - 0.5)
    flakes = scene.colour(0.85 * tint + 0.32 * (scene.tone - 0.5))
    rim = bump(decay + 0.2 * (scene.tone - 0.5) - 0.63, 0.02)
    bare = flat("74848c") * (0.7 + 0.5 * scene.tone) * (0.9 + 0.2 * grain)
    return mix(flakes, bare, 0.85 * paint) * (1 - 0.5 * rim)


def dry_earth(scene: Scene) -> Tensor:
    """Sun-baked mud split into curled plates."""
    plates = voronoi(scene, scene.uniform(4.5, 6.5), at=_bent(scene, 0.06, 8))
    hairline = voronoi(scene, 13, at=_bent(scene, 0.04, 12))
    split = 1 - smoothstep(plates.border, 0.03, 0.12)
    small = (1 - smoothstep(hairline.border, 0.0, 0.07)) * 0.4
    curl = smoothstep(plates.border, 0.08, 0.4)
    light = 0.14 * (-plates.offset_x - plates.offset_y) * (1 - curl)
    rough = fbm(scene, 10, 3) - 0.5
    tint = 0.5 + 0.2 * (plates.chance(0) - 0.5) + light + 0.22 * rough - 0.1 * curl
    tint = tint + 0.4 * (scene.tone - 0.5)
    return scene.colour(tint) * (1 - 0.85 * split) * (1 - small)


def agate(scene: Scene) -> Tensor:
    """Polished slices of agate: thin coloured bands round hollows of crystal."""
    cells = voronoi(scene, scene.uniform(2.2, 3.2), at=_bent(scene, 0.22, 5))
    depth = 1 - smoothstep(cells.border, 0.0, 0.9)
    rings = depth * scene.uniform(6, 9) + 0.9 * noise(scene, 5) + 0.5 * scene.tone
    band = rings.floor()
    salt = scene.uniform(0, 40)
    number = (cells.chance(0) * 31).floor()
    tint = 0.62 * scatter(band + salt, number) + 0.4 * (scene.tone - 0.5) + 0.2
    fine = 0.14 * (wave(rings * 3) - 0.5)
    hollow = smoothstep(cells.border, 0.55, 0.62)
    druse = voronoi(scene, 30)
    sparkle = 0.25 + 0.75 * druse.chance(0) ** 2
    stone = scene.colour(tint + fine)
    rim = bump(cells.border, 0.035)
    picture = mix(stone, mix(scene.entry(0.9), flat("ffffff"), 0.4) * sparkle, hollow)
    return mix(picture, flat("f4ead8"), 0.8 * rim)


def terrazzo(scene: Scene) -> Tensor:
    """Chips of coloured stone set in polished pale cement."""
    cement = flat("e8e2d8") * (0.76 + 0.3 * scene.tone) * (0.95 + 0.08 * noise(scene, 70))
    picture = cement.expand(scene.content.shape)
    for frequency in (24.0, 13.0, 8.0):
        chips = voronoi(scene, frequency, at=_bent(scene, 0.02, 14))
        corners = 0.8 + 0.35 * nearest_line(chips.bearing * 0.8 + chips.chance(2))
        size = (0.2 + 0.3 * chips.chance(0)) * corners
        inside = 1 - smoothstep(chips.near, size - 0.03, size + 0.03)
        colour = scene.swatch(chips.chance(2)) * (0.85 + 0.3 * scene.tone)
        picture = mix(picture, colour, inside * (chips.chance(1) < 0.6))
    return picture


def moss(scene: Scene) -> Tensor:
    """Soft green cushions, fuzzy and lit from above, with dark gaps."""
    height = torch.zeros_like(scene.tone)
    for frequency, weight in ((4.0, 0.55), (9.0, 0.3), (22.0, 0.22)):
        tufts = voronoi(scene, frequency, at=_bent(scene, 0.3 / frequency, 2 * frequency))
        height = height + weight * (1 - smoothstep(tufts.near, 0.0, 0.75))
    fuzz = noise(scene, 80) - 0.5
    _, down = gradient(scene, height)
    light = torch.tanh(down * 0.12)
    gap = smoothstep(height, 0.12, 0.42)
    tint = 0.12 + 0.55 * height + 0.2 * light + 0.22 * fuzz + 0.42 * (scene.tone - 0.5)
    return scene.colour(tint) * (0.35 + 0.65 * gap)
