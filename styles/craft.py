"""Styles of toys, sweets and crafts: beads, building bricks, paper, puzzles, cogwheels."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from styles.cells import Cells, stamp, voronoi
from styles.curves import bump, fraction, nearest_line, rotate, scatter, smoothstep, spot, wave
from styles.fields import stretch_to_unit
from styles.palettes import RAINBOW, flat
from styles.record import colourable, style
from styles.scene import Scene, mix


def triangles(scene: Scene, frequency: float) -> tuple[Cells, Tensor, Tensor]:
    """A mesh of uneven triangles: the squares they halve, which half, a number for each."""
    x, y = scene.coordinates()
    columns = max(2, round(frequency * scene.scale * scene.aspect) + 1)
    rows = max(2, round(frequency * scene.scale) + 1)
    shifts = (scene.rand(scene.count, 2, rows, columns) - 0.5) * (0.85 / frequency)
    size = (scene.height, scene.width)
    moved = F.interpolate(shifts, size=size, mode="bilinear", align_corners=True)
    x = x + moved[:, :1]
    y = y + moved[:, 1:]
    cells = voronoi(scene, frequency, jitter=0.0, at=(x, y))
    across, down = cells.offset_x, cells.offset_y
    flip = cells.chance(0) > 0.5
    half = torch.where(flip, across + down > 0, across - down > 0).float()
    return cells, half, torch.where(half > 0, cells.chance(1), cells.chance(2))


@colourable(
    "lowpoly",
    "low poly; polygons; geometric triangles; polygonal",
    RAINBOW,
    "203048 40688c 78a4b4 e0b48c f4e4cc",
)
def low_poly(scene: Scene) -> Tensor:
    """Flat triangles, each one shade of the photo's tone."""
    cells, half, random = triangles(scene, scene.number(9, 12))
    hue = 0.25 * (scene.noise(2) - 0.5)
    tint = 0.24 * (random - 0.5) + 0.9 * scene.tone_at(cells) + 0.1 * (half - 0.5) + 0.08
    return scene.colour(tint + hue)


@colourable(
    "beads",
    "beads; beadwork; glass beads; pearls",
    RAINBOW,
    "18305c 2878a8 d84830 38a080 e8c840 f4ecdc",
)
def beads(scene: Scene) -> Tensor:
    """Rows of round glass beads, each with a highlight and a shadow."""
    x, y = scene.coordinates()
    frequency = scene.uniform(15, 19)
    cells = voronoi(scene, frequency, jitter=0.0, at=(x, y * 1.1), staggered=True)
    ball = (1 - (cells.near / 0.5) ** 2).clamp(min=0).sqrt()
    level = scene.tone_at(cells) + 0.12 * (cells.chance(0) - 0.5)
    hue = scene.swatch((level * 5.9).floor() / 6 + 0.1)
    light = 0.45 + 0.6 * ball - 0.25 * (cells.offset_x + cells.offset_y)
    light = light * (0.5 + 0.6 * scene.tone) * (1 - 0.5 * scene.drawn)
    shine = spot(cells.offset_x + 0.16, cells.offset_y + 0.16, 0.1)
    inside = smoothstep(0.5 - cells.near, 0.0, 0.05)
    bead = mix(hue * light, flat("ffffff"), 0.6 * shine)
    return mix(flat("14100e") + 0 * bead, bead, inside)


@colourable(
    "lego",
    "lego; lego bricks; toy bricks; building blocks; plastic bricks",
    "0c54b0 d01c14 189444 f8cc14 f4f4f0",
    detail=0.6,
)
def toy_bricks(scene: Scene) -> Tensor:
    """Plastic building bricks seen from above, each with its round stud."""
    frequency = scene.uniform(10, 12)
    cells = voronoi(scene, frequency, jitter=0.0, metric="square")
    u, v = cells.offset_x, cells.offset_y
    level = 0.7 * scene.tone_at(cells) + 0.3 * stretch_to_unit(scene.noise(3))
    hue = scene.swatch((level * 4.9).floor() / 5 + 0.1) * (0.86 + 0.2 * scene.tone)
    reach = (u**2 + v**2).sqrt()
    stud = 1 - smoothstep(reach, 0.29, 0.32)
    shadow_reach = ((u - 0.07) ** 2 + (v - 0.07) ** 2).sqrt()
    shadow = (1 - smoothstep(shadow_reach, 0.28, 0.36)) * (1 - stud)
    rim = bump(reach - 0.29, 0.035)
    lit = rim * (-u - v) * 1.1
    bevel = 0.22 * (smoothstep(-u, 0.42, 0.48) + smoothstep(-v, 0.42, 0.48))
    seam = smoothstep(torch.maximum(u, v), 0.44, 0.49)
    face = hue * (1 - 0.42 * shadow) * (1 - 0.45 * seam) + 0.06 * stud
    return face + 0.6 * lit + bevel * 0.5


@style(
    "steampunk",
    "steampunk; gears; cogwheels; clockwork; brass machine",
    "140c08 4c2c14 9c6828 d8a850 f8e4a8",
)
def gears(scene: Scene) -> Tensor:
    """Brass cogwheels over dark riveted iron, with spokes and hubs."""
    picture = scene.colour(0.05 + 0.6 * scene.tone + 0.06 * (scene.noise(40) - 0.5))
    for layer in range(2):
        cells = voronoi(scene, scene.uniform(2.3, 3.4), jitter=0.35, shift=0.43 * layer)
        # A wheel may not reach beyond its own cell, or it would be cut along the border.
        size = 0.3 + 0.08 * cells.chance(2)
        turn = cells.bearing / (2 * math.pi) + cells.chance(1)
        teeth = 0.04 * torch.tanh(5 * torch.sin(2 * math.pi * turn * 14))
        wheel = smoothstep(size + teeth - cells.near, 0.0, 0.012)
        spoke = nearest_line(turn * 5) * cells.near / 5 * 2 * math.pi
        window = smoothstep(spoke, 0.03, 0.04) * smoothstep(cells.near, 0.1, 0.11)
        window = window * smoothstep(size - 0.1 - cells.near, 0.0, 0.01)
        axle = 1 - smoothstep(cells.near, 0.03, 0.04)
        metal = wheel * (1 - torch.maximum(window, axle)) * scene.calm_at(cells)
        glare = wave(2 * turn + 0.3 * wave(cells.near * 2))
        edge = bump(cells.near - size + 0.05, 0.02) + bump(cells.near - 0.08, 0.015)
        tint = 0.16 + 0.3 * glare + 0.5 * scene.tone - 0.16 * edge
        shadow = smoothstep(size + 0.07 - cells.near, 0.0, 0.06) * scene.calm_at(cells)
        below = picture * (1 - 0.6 * shadow)
        picture = mix(below, scene.colour(tint + 0.14 * (cells.chance(0) - 0.5)), metal)
    return picture


@colourable(
    "origami",
    "origami; folded paper; paper; origami paper; paper craft",
    "3c6898 e85048 58a89c f0a048 f4d878 f4ece0",
    "6c88b0 d87898 98c0b8 f0b8a8 f4e4c8",
)
def origami(scene: Scene) -> Tensor:
    """Coloured paper in sharp folds: every face runs from light to shade, creases catch light."""
    cells, half, random = triangles(scene, scene.number(5, 6.5))
    across, down = cells.offset_x, cells.offset_y
    crease = torch.where(cells.chance(0) > 0.5, across + down, across - down) * 0.7
    slope = across * (random - 0.5) * 2 + down * (cells.chance(0) - 0.5) * 2
    fold = (2 * half - 1) * 0.12 + 0.34 * slope
    shade = 0.16 * torch.exp(-crease.abs() / 0.16) * half
    edge = torch.maximum(bump(crease, 0.012), bump(cells.border, 0.02))
    square = 0.2 * cells.chance(1) + 0.85 * scene.tone_at(cells) - 0.03
    paper = scene.swatch(square) * (0.98 + 0.05 * (scene.noise(70) - 0.5))
    light = 0.6 + 0.4 * scene.tone + 0.5 * fold + 0.16 * (random - 0.5) - shade
    return mix(paper * light, flat("fffaf0"), 0.42 * edge)


@colourable("honeycomb", "honeycomb; hexagons; hexagonal", "3c1c04 a86010 e8a41c fcd860")
def honeycomb(scene: Scene) -> Tensor:
    """Hexagonal cells of wax filled with amber."""
    x, y = scene.coordinates()
    cells = voronoi(scene, scene.uniform(10, 13), jitter=0.0, at=(x, y * 1.12), staggered=True)
    wall = 1 - smoothstep(cells.border, 0.1, 0.22)
    tone = 0.45 * scene.tone_at(cells) + 0.45 * scene.tone - 0.3 * scene.drawn
    tint = 0.15 + 0.12 * cells.chance(0) + tone - 0.3 * cells.near
    shine = spot(cells.offset_x + 0.16, cells.offset_y + 0.16, 0.1)
    return mix(scene.colour(tint) + 0.2 * shine, scene.entry(0.05), 0.8 * wall)


@style(
    "candy",
    "candy; sweets; jelly beans; sugar candy; lollipops",
    "f02860 c060e0 38a8f0 40c860 ff9020 ffe030",
    "ff80b0 a8d8ff a0e8c0 ffd0a0 fff0a0",
)
def candy(scene: Scene) -> Tensor:
    """Heaped sugar-coated sweets and striped mints, glossy and bright."""
    picture = scene.swatch(scene.tone) * 0.5
    for frequency in (8.0, 10.0):
        angle = 6.3 * scene.noise(3)
        sweets = stamp(scene, frequency, (0.62, 0.5), angle, spread=3.1, vary=0.25)
        dome = sweets.inside.clamp(0, 1)
        stripes = (wave(sweets.along * 1.6 + 0.5 * sweets.across) > 0.5).float()
        minty = (sweets.chance(1) > 0.8).float()
        hue = 0.15 * sweets.chance(0) + 0.9 * scene.tone_at(sweets) - 0.03
        hue = mix(scene.swatch(hue), flat("fffafa"), minty * stripes)
        light = 0.3 + 0.4 * smoothstep(dome, 0.0, 0.4) + 0.4 * scene.tone
        spot_x, spot_y = sweets.along + 0.3, sweets.across + 0.38
        shine = bump((spot_x**2 + 2 * spot_y**2).sqrt(), 0.26)
        sweet = mix(hue * light, flat("ffffff"), 0.6 * shine * scene.tone)
        picture = mix(picture * 0.8, sweet, sweets.cover)
    return picture


@style(
    "chocolate",
    "chocolate; chocolate bar; dark chocolate; cocoa",
    "140804 3c1c0c 6c3c20 a8744c",
    "241008 542c14 8c5430 c89868",
)
def chocolate(scene: Scene) -> Tensor:
    """Bars of moulded chocolate: bevelled squares with a soft gloss."""
    x, y = scene.coordinates()
    along, across = rotate(x, 1.2 * y, scene.uniform(-0.3, 0.3))
    cells = voronoi(scene, scene.uniform(5, 7), jitter=0.0, at=(along, across), metric="square")
    u, v = cells.offset_x, cells.offset_y
    reach = torch.maximum(u.abs(), v.abs())
    slope = smoothstep(reach, 0.28, 0.31) * (1 - smoothstep(reach, 0.43, 0.46))
    facing = torch.where(u.abs() > v.abs(), -0.7 * torch.sign(u), -torch.sign(v))
    groove = smoothstep(reach, 0.43, 0.48)
    drips = smoothstep(scene.fbm(3, 3), 0.55, 0.6) * 0.12
    gloss = 0.16 * bump(scene.noise(2) - 0.55, 0.08)
    tint = 0.1 + 0.22 * slope * facing - 0.2 * groove + 0.8 * scene.tone
    return scene.colour(tint + gloss + drips)


@style(
    "jigsaw", "jigsaw puzzle; jigsaw; puzzle; puzzle pieces", "2858a0 48a868 e06838 f0c038 f4e8d0"
)
def jigsaw(scene: Scene) -> Tensor:
    """The photo cut into interlocking puzzle pieces with bevelled edges."""
    x, y = scene.coordinates()
    frequency = scene.number(4, 5)
    salt = scene.uniform(1, 60)
    edges = torch.full_like(x, 9.0)
    for a, b, turn in ((x * frequency, y * frequency, 3.0), (y * frequency, x * frequency, 8.0)):
        line = a.round()
        side = 2 * (scatter(line + salt, b.floor() + turn) > 0.5).float() - 1
        off = a - line
        along = fraction(b) - 0.5
        knob = ((off - 0.17 * side).square() + along.square()).sqrt() - 0.13
        neck = (along.abs() < 0.07) & (off * side > -0.02) & (off * side < 0.08)
        straight = torch.where(along.abs() < 0.085, 9.0, off.abs())
        rim = torch.where(neck, 9.0, knob.abs())
        edges = torch.minimum(edges, torch.minimum(straight, rim))
    groove = bump(edges, 0.035)
    right, down = scene.gradient(bump(edges, 0.06))
    light = torch.tanh((right + down) * 0.03) * 0.3
    card = scene.swatch(0.1 + 0.8 * stretch_to_unit(scene.tone + 0.15 * scene.noise(2)))
    colour = mix(scene.content, card, 0.45)
    return (colour * 1.06 + light) * (1 - 0.75 * groove)
