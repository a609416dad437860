"""Styles of things that shine through: window glass, cut stones, drops, foil, glazed china."""

import math

import torch
from torch import Tensor

from styles.cells import leaf, stamp, voronoi
from styles.curves import bump, nearest_line, rotate, scatter, smoothstep, spot, wave
from styles.fields import glow
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, luminance, mix


@colourable(
    "stained",
    "stained glass; stained glass window; cathedral window; glass painting",
    "b01020 7020a0 1848c0 18943c e87818 f4d828",
    detail=0.6,
)
def stained_glass(scene: Scene) -> Tensor:
    """Large panes of pure colour, lit from behind, in thick black lead."""
    panes = voronoi(scene, scene.uniform(6, 8))
    lead = torch.maximum(1 - smoothstep(panes.border, 0.07, 0.15), 0.75 * scene.drawn)
    streaks = scene.fbm(10, 2) - 0.5
    light = 0.62 + 0.5 * scene.tone + 0.2 * streaks + 0.25 * (0.5 - panes.near)
    hue = 0.2 * panes.chance(0) + 0.82 * scene.tone_at(panes) - 0.02
    return mix(scene.swatch(hue) * light, flat("08080a"), lead)


@colourable(
    "crystal",
    "crystal; crystals; gems; gemstone; diamond; faceted crystal",
    "182c50 4c7cb4 a0c8e4 e8f8ff",
    "281040 7444b0 c4a0e8 f8ecff",
    reserved=("green",),
)
@style(
    "greencrystal",
    "green crystal; emerald; green crystals; emerald crystal; jade",
    "04281c 0c7444 28b868 a8f0c0",
    "042c10 148038 50c860 d0f8c0",
)
def crystal(scene: Scene) -> Tensor:
    """Cut stones: each cell split into flat facets, with bright edges and sparks."""
    along, across = rotate(*scene.coordinates(), scene.uniform(0, math.pi))
    gems = voronoi(scene, scene.uniform(4.5, 6), jitter=0.8, at=(along * 0.72, across))
    sides = 6 + (gems.chance(2) * 3).floor()
    turn = (gems.bearing / (2 * math.pi) + gems.chance(1)) * sides
    sector = turn.floor()
    middle = (turn - sector - 0.5) * 2 * math.pi / sides
    reach = gems.near * middle.cos()
    table = (reach < 0.2).float()
    girdle = ((reach >= 0.2) & (reach < 0.36 - 0.5 * middle.abs() * gems.near)).float()
    salt = (gems.chance(0) * 53).floor() + scene.uniform(1, 40)
    facet = scatter(sector + 9 * girdle, salt)
    facet = torch.where(table > 0, 0.5 + 0.4 * gems.chance(1), facet)
    streak = 0.16 * (wave(along * 3 + across * 5 + 4 * facet) - 0.5)
    shade = 0.45 * facet + 0.8 * scene.tone - 0.18 + streak - 0.3 * scene.drawn
    rib = bump(nearest_line(turn) * gems.near / sides * 6, 0.03) * (1 - table)
    rim = bump(reach - 0.2, 0.018)
    edge = 1 - smoothstep(gems.border, 0.0, 0.06)
    spark = smoothstep(facet, 0.9, 0.97) * 0.4 * scene.tone
    lines = (0.34 * torch.maximum(rib, rim) + 0.45 * edge).clamp(0, 0.5)
    return mix(scene.colour(shade), flat("ffffff"), (lines + spark).clamp(0, 0.85))


@colourable("glass", "glass; transparent glass; glassy", "144048 4ca09c a0dcd4 f0fcf8", detail=0.7)
def glass(scene: Scene) -> Tensor:
    """Clear cast glass: smooth folds bend the photo, with pale cyan depths and white gleams."""
    x, y = scene.coordinates()
    folds = scene.warp(scene.fbm(2.6, 2), 0.3, 3)
    right, down = scene.gradient(folds)
    seen = scene.sample(scene.content, x + 0.06 * right, y + 0.06 * down)
    tint = scene.colour(0.14 + 0.8 * luminance(seen))
    picture = mix(seen, tint, 0.85)
    slope = torch.tanh(-0.35 * (right + down))
    steep = smoothstep((right**2 + down**2).sqrt(), 1.5, 5.0)
    rim = 0.26 * slope * steep
    gleam = smoothstep(slope, 0.5, 0.85) * smoothstep(wave(folds * 5), 0.35, 0.8)
    dark = 0.2 * smoothstep(-slope, 0.4, 0.9) * steep
    return mix(picture + rim - dark, flat("fafffe"), 0.85 * gleam)


@style(
    "raindrops",
    "raindrops; rain; rainy window; water drops; rain on glass",
    "0c1824 2c4860 6c8ca4 b4c8d4",
)
def rain_drops(scene: Scene) -> Tensor:
    """Drops on a window at dusk, each with the scene upside down in it, trails running down."""
    x, y = scene.coordinates()
    behind = glow(scene.content, 0.03) * 0.55
    view = mix(behind, scene.colour(0.1 + 0.7 * luminance(behind)), 0.6)
    streak = voronoi(scene, 8, at=(x + 0.02 * scene.noise(5), y * 0.12))
    trail = 1 - smoothstep(streak.offset_x.abs(), 0.05, 0.1)
    trail = trail * (streak.chance(0) > 0.5)
    picture = view + 0.12 * trail
    for frequency in (22.0, 10.0):
        upright = math.pi / 2 + scene.uniform(-0.1, 0.1)
        drops = stamp(scene, frequency, (0.42, 0.34), upright, vary=0.7)
        depth = drops.inside.clamp(0, 1)
        flip_x = drops.centre_x + 1.6 * (drops.centre_x - x)
        flip_y = drops.centre_y + 2.4 * (drops.centre_y - y)
        lens = scene.sample(scene.content, flip_x, flip_y) * 0.6 + 0.1
        lens = lens + 0.35 * drops.along * (1 - depth) + 0.1
        rim = smoothstep(depth, 0.0, 0.3)
        light = spot(drops.along + 0.4, drops.across - 0.2, 0.24)
        shown = drops.cover * (drops.chance(0) > 0.45)
        drop = mix(lens * (0.45 + 0.55 * rim), flat("ffffff"), 0.7 * light)
        picture = mix(picture, drop, shown)
    return picture


@style(
    "hologram", "holographic; hologram; iridescent; oil slick; holographic foil", "808080 ffffff"
)
def oil_slick(scene: Scene) -> Tensor:
    """Iridescent foil: pastel rainbows that slide over silver creases."""
    creases = voronoi(scene, scene.uniform(3, 5))
    tilt = creases.offset_x * (creases.chance(0) - 0.5)
    tilt = tilt + creases.offset_y * (creases.chance(1) - 0.5)
    film = 1.4 * tilt + 0.9 * scene.fbm(2, 3) + scene.tone + 0.4 * creases.chance(2)
    phase = film * scene.uniform(1.0, 1.6)
    rainbow = torch.cat([wave(phase + shift) for shift in (0.0, 0.33, 0.67)], dim=1)
    silver = 0.42 + 0.5 * wave(film * 2 + 0.3)
    sheen = smoothstep(wave(film * 2.0), 0.85, 1.0) * 0.4
    edge = (1 - smoothstep(creases.border, 0.0, 0.05)) * 0.25
    light = 0.4 + 0.65 * scene.tone - 0.3 * scene.drawn
    foil = mix(silver.expand_as(rainbow), 0.25 + 0.75 * rainbow, 0.68)
    return (foil + sheen + edge) * light


@style(
    "porcelain",
    "porcelain; blue and white china; delft tile; delftware; chinese porcelain",
    "0c1c6c 2848a8 a8bce0 fcfcfc",
    "101860 3450b0 b0c4e8 f8fafc",
)
def porcelain(scene: Scene) -> Tensor:
    """White glazed china painted with cobalt flowers, scrolls and shaded washes."""
    x, y = scene.coordinates()
    cells = voronoi(scene, scene.uniform(3.4, 4.6), jitter=0.7)
    petals = 0.27 + 0.09 * torch.cos(6 * cells.bearing + 6.3 * cells.chance(0))
    flower = smoothstep(petals - cells.near, 0.0, 0.02)
    outline = bump(cells.near - petals, 0.02)
    heart = 1 - smoothstep(cells.near, 0.06, 0.09)
    vein = bump(nearest_line(cells.bearing * 18 / (2 * math.pi)) * cells.near, 0.012)
    scroll = scene.contours(scene.warp(scene.fbm(3, 2), 0.3, 4) * 3, 0.009)
    leaves = stamp(scene, 8.0, (0.6, 0.2), 6.3 * scene.noise(3), spread=1.2, outline=leaf)
    foliage = leaves.cover * (leaves.chance(0) > 0.45) * (0.55 + 0.35 * leaves.across.abs())
    wash = 0.4 * smoothstep(petals - cells.near, 0.2, 0.0) + 0.2
    inside = torch.maximum(torch.maximum(wash, 0.8 * vein), torch.maximum(outline, heart))
    brush = torch.where(flower > 0.5, inside, torch.maximum(0.8 * scroll, foliage))
    brush = torch.maximum(brush, outline) * (0.8 + 0.3 * scene.noise(30))
    brush = brush * (0.3 + 0.7 * scene.calm)
    shade = (0.78 * (1 - scene.tone) ** 1.3 + 0.04).maximum(0.9 * scene.drawn)
    gloss = 0.03 * wave(x + y)
    return scene.colour(1.0 - torch.maximum(brush, shade) * 0.98) + gloss
