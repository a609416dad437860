"""Styles of printing: woodcut, plans, maps, dots, comics, newsprint."""

import math

import torch
from torch import Tensor

from styles.curves import bump, fraction, nearest_line, rotate, scatter, smoothstep, wave
from styles.fields import glow, stretch_to_unit
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


def screen(scene: Scene, frequency: Tensor, angle: Tensor) -> Tensor:
    """Distance to the nearest dot of a square screen, in dots, 0..0.71."""
    along, across = rotate(*scene.coordinates(), angle)
    u, v = along * frequency, across * frequency
    return (nearest_line(u) ** 2 + nearest_line(v) ** 2).sqrt()


@colourable(
    "woodcut",
    "woodcut; linocut; engraving; black and white print; etching",
    "080808 f4f0e4",
    "101010 fafafa",
)
def woodcut(scene: Scene) -> Tensor:
    """Two flat inks; shade is cut as tapering parallel grooves."""
    x, y = scene.coordinates()
    bend = 0.14 * scene.fbm(2, 2) + 0.06 * scene.tone
    _, across = rotate(x + bend, y + bend, scene.uniform(0, math.pi))
    grooves = wave(across * scene.uniform(14, 19))
    paper = smoothstep(0.9 * scene.tone + 0.75 * (grooves - 0.5), 0.36, 0.46)
    return scene.colour(paper * (1 - 0.95 * scene.drawn))


@style("blueprint", "blueprint; technical drawing; blue print", "0c2c6c 1c50a4 5c8cd8 f4faff")
def blueprint(scene: Scene) -> Tensor:
    """White construction lines, dashes and a square grid on blue paper."""
    x, y = scene.coordinates()
    relief = stretch_to_unit(0.2 * scene.fbm(2, 2) + glow(scene.tone, 0.01))
    lines = scene.contours(relief * 4, 0.008)
    dashed = scene.contours(relief * 4 + 0.5, 0.006) * (wave((x + y) * 16) > 0.45)
    grid = torch.minimum(nearest_line(x * 10), nearest_line(y * 10))
    thin = 1 - smoothstep(grid, 0.03, 0.06)
    wide = torch.minimum(nearest_line(x * 2), nearest_line(y * 2))
    main = 1 - smoothstep(wide, 0.008, 0.014)
    quiet = 0.2 + 0.8 * scene.calm  # height lines would cut a face to pieces
    drawn = (lines.maximum(0.7 * dashed) * quiet).maximum(scene.drawn)
    tint = 0.1 + 0.3 * scene.tone + 0.14 * thin + 0.18 * main + 0.6 * drawn
    return scene.colour(tint)


@style(
    "map",
    "topographic map; map; contour lines; atlas; contour map",
    "7cb46c b8d088 e8e0a0 d8b478 b88458 f4f0e8",
)
def relief_map(scene: Scene) -> Tensor:
    """Height lines over tinted steps of land, with a blue sea and a grid of degrees."""
    x, y = scene.coordinates()
    height = stretch_to_unit(0.35 * scene.fbm(2, 3) + 0.9 * glow(scene.tone, 0.01))
    steps = (height * 7).floor() / 7
    line = scene.contours(height * 14, 0.004)
    index = scene.contours(height * 3.5, 0.008)
    shore = bump((height - 0.3) / (scene.steepness(height) + 0.1), 0.008)
    land = scene.colour(0.25 + 0.75 * steps)
    sea = mix(flat("5c9cc4"), flat("a8d4e8"), height / 0.3)
    ground = torch.where(height > 0.3, land, sea) * (0.86 + 0.2 * scene.tone)
    ink = (0.55 * line + 0.6 * index + 0.9 * shore).clamp(0, 1)
    grid = 0.3 * bump(torch.minimum(nearest_line(x * 3), nearest_line(y * 3)), 0.012)
    return mix(mix(ground, flat("6c4420"), ink), flat("203050"), grid)


@style(
    "pop",
    "pop art; roy lichtenstein; andy warhol; pop art dots",
    "e01830 1878e0 f8e020 fffaf0",
    "2c1c5c f02080 20c0f0 fff020",
    "d81c1c 20a0e0 f8d018 fafafa",
)
def pop_art(scene: Scene) -> Tensor:
    """Flat loud colours in a screen of printed dots, with black outlines."""
    distance = screen(scene, scene.uniform(13, 18), scene.uniform(0.3, 1.2))
    level = 0.9 * glow(scene.tone, 0.01) + 0.1 * scene.fbm(2, 2)
    steps = (level * 4).floor().clamp(0, 3) / 3
    radius = 0.1 + 0.34 * (1 - scene.tone)
    dots = 1 - smoothstep(distance, radius - 0.05, radius + 0.05)
    base = scene.swatch(0.05 + 0.9 * steps)
    other = scene.swatch((0.35 + 0.9 * steps).clamp(max=1.0) - 0.35 * (steps > 0.9))
    return mix(mix(base, other, dots), flat("0a0a0c"), smoothstep(scene.drawn, 0.2, 0.6))


@style(
    "comic",
    "comic; comic book; comic strip; superhero comic; cartoon",
    "e83028 2878d0 40a860 f4b890 f8d038 f8f4e8",
)
def comic(scene: Scene) -> Tensor:
    """Inked comic page: flat colours, heavy black shadows, hatching and bold outlines."""
    level = glow(scene.tone, 0.008)
    steps = (level * 4).floor().clamp(0, 3) / 3
    region = stretch_to_unit(0.2 * scene.noise(2.5) + glow(scene.tone, 0.015))
    base = scene.swatch((region * 5.9).floor() / 6 + 0.1) * (0.62 + 0.36 * steps)
    _, across = rotate(*scene.coordinates(), scene.uniform(0.5, 1.0))
    hatch = smoothstep(wave(across * 22), 0.5, 0.7) * (1 - smoothstep(level, 0.26, 0.34))
    solid = 1 - smoothstep(level, 0.1, 0.13)
    ink = hatch.maximum(solid).maximum(smoothstep(scene.drawn, 0.15, 0.45))
    return mix(base, flat("08080c"), ink)


@style("manga", "manga; manga page; black and white manga; screentone", "080808 fcfcfc")
def manga(scene: Scene) -> Tensor:
    """Black and white page: speed lines, grey screens of fine dots, solid blacks."""
    x, y = scene.coordinates()
    hub_x, hub_y = scene.point()
    bearing = torch.atan2(y - hub_y, x - hub_x)
    reach = ((x - hub_x) ** 2 + (y - hub_y) ** 2).sqrt()
    ray = fraction(bearing * 60 / math.pi)
    number = (bearing * 60 / math.pi).floor()
    length = 0.2 + 0.5 * fraction(torch.sin(number * 12.7 + 3) * 917.3)
    speed = (1 - smoothstep((ray - 0.5).abs(), 0.12, 0.26)) * scene.calm
    speed = 0.7 * speed * smoothstep(reach, length, length + 0.3)
    fine = screen(scene, scene.uniform(26, 32), 0.785 + 0 * reach)
    dots = 1 - smoothstep(fine, 0.24, 0.36)
    grey = dots * smoothstep(0.62 - scene.tone, 0.0, 0.04)
    black = 1 - smoothstep(scene.tone, 0.2, 0.24)
    ink = speed.maximum(grey).maximum(black).maximum(smoothstep(scene.drawn, 0.3, 0.6))
    return scene.colour(1 - ink)


@colourable("halftone", "halftone; halftone dots; halftone print; risograph", "101014 fafaf6")
def halftone(scene: Scene) -> Tensor:
    """One screen of ink dots on white paper, larger where the photo is darker."""
    distance = screen(scene, scene.uniform(20, 27), scene.uniform(0.5, 1.1))
    radius = 0.1 + 0.56 * (1 - scene.tone).sqrt()
    dots = 1 - smoothstep(distance, radius - 0.06, radius + 0.06)
    return scene.colour(1 - dots)


@style(
    "newspaper",
    "newspaper; newsprint; old newspaper; newspaper print",
    "1c1a18 8c8880 e4e0d4",
    "24201c 988c78 e8dcc0",
)
def newsprint(scene: Scene) -> Tensor:
    """Columns of small type under headlines on grey paper, and the photo printed in dots."""
    x, y = scene.coordinates()
    columns = x * scene.uniform(2.2, 3.0) + scene.uniform()
    column = columns.floor()
    gutter = smoothstep(nearest_line(columns), 0.04, 0.07)
    blocks = y * 1.7 + 3 * scatter(column + scene.uniform(1, 60), 0 * x)
    kind = scatter(blocks.floor() + scene.uniform(1, 60), column)
    small = _type(scene, x * 26, y * 22)
    large = _type(scene, x * 8, y * 6)
    distance = screen(scene, scene.uniform(24, 30), scene.uniform(0.6, 1.0))
    radius = 0.68 * (1 - scene.tone).clamp(0.03, 1).sqrt()
    dots = 1 - smoothstep(distance, radius - 0.08, radius + 0.08)
    text = torch.where(kind < 0.3, large, 0.8 * small) * gutter
    lines = text * smoothstep(scene.calm * scene.tone, 0.1, 0.4) * (kind < 0.75)
    ink = torch.maximum(torch.maximum(0.85 * lines, dots), 0.8 * scene.drawn)
    paper = 0.9 + 0.1 * scene.noise(60)
    return scene.colour(paper * (1 - 0.92 * ink))


def _type(scene: Scene, across: Tensor, down: Tensor) -> Tensor:
    """Unreadable letters, one to a unit across and down, with gaps between words, 0 or 1."""
    salt = scene.uniform(1, 60)
    line = down.floor()
    letter = across.floor()
    column = (fraction(across) * 4).floor()
    row = (fraction(down) * 1.5 * 5).floor()
    stroke = scatter(letter * 5 + column + salt, line * 7 + row) > 0.36
    inside = (column < 3) & (row < 5)
    space = scatter(letter + salt, line + 0.5) < 0.16
    return (stroke & inside & ~space).float()
