"""Styles of air, light and sky: clouds, stars, sunset, aurora, lightning, smoke, fireworks."""

import math

import torch
from torch import Tensor

from styles.cells import voronoi
from styles.curves import bump, fraction, rotate, scatter, smoothstep, wave
from styles.fields import blur, glow
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@style(
    "galaxy",
    "galaxy; nebula; space; cosmic; outer space; universe",
    "02020c 1c1048 5c2488 c04c98 f8b4c8",
    "02040c 101c54 2c50a4 7c58c4 e8c0e8",
)
def galaxy(scene: Scene) -> Tensor:
    """Coloured gas clouds on black, strewn with stars."""
    gas = scene.warp(scene.fbm(2, 5, 0.6), 0.3)
    cloud = scene.colour(0.95 * gas**1.7 + 0.3 * (scene.tone - 0.45))
    dust = (scene.noise(100) > 0.93).float() * scene.uniform(0.5, 0.9)
    field = voronoi(scene, scene.uniform(8, 12))
    size = 0.04 + 0.06 * field.chance(1)
    stars = bump(field.near, size) * (field.chance(0) > 0.35)
    halo = glow(stars, 0.03)
    return cloud + 0.7 * dust + stars + 0.5 * halo


@style("cloud", "clouds; sky; cloudy; cloudy sky", "3474c4 6ca4e0 c0d8f0 ffffff")
def clouds(scene: Scene) -> Tensor:
    """Heaped white clouds on blue, shaded below."""
    heap = scene.fbm(2.2, 5, 0.55)
    _, down = scene.gradient(blur(heap, 0.02))
    cover = smoothstep(heap + 0.5 * (scene.tone - 0.5), 0.38, 0.62)
    shade = 0.1 * torch.tanh(down * 0.35)
    return scene.colour(0.1 + 0.5 * cover + 0.4 * scene.tone - 0.3 * scene.drawn) + shade * cover


@style("lightning", "lightning; electric; thunder; electricity", "08041c 2c1868 6c48cc c0b0ff")
def lightning(scene: Scene) -> Tensor:
    """Forked white bolts with violet light round them, on a dark sky."""
    first = scene.warp(scene.fbm(2.2, 4, stretch=(1.4, 0.8)), 0.1, 9) - 0.5
    second = scene.warp(scene.fbm(3.5, 3, stretch=(1.4, 0.8)), 0.1, 9) - 0.5
    bolt = torch.maximum(bump(first, 0.022), 0.8 * bump(second, 0.016)) * (0.3 + 0.7 * scene.calm)
    light = glow(bolt, 0.05)
    tint = 0.03 + 0.6 * light + 0.6 * scene.tone
    return mix(scene.colour(tint), flat("fffcff"), (1.3 * bolt - 0.2).clamp(0, 1))


@colourable(
    "smoke",
    "smoke; fog; mist; smoky; foggy",
    "1c1c20 5c5c64 a4a4ac e8e8ec",
    "6c747c a4acb4 d4d8dc f4f6f8",
)
def smoke(scene: Scene) -> Tensor:
    """Curling veils of vapour: thin bright ribbons folded over each other in the dark."""
    body = scene.warp(scene.warp(scene.fbm(2, 4), 0.4), 0.2, 5)
    picture = 0.12 + 0.3 * body + 0.42 * (scene.tone - 0.3)
    for _ in range(2):
        sheet = scene.warp(scene.warp(scene.fbm(1.4, 2), 0.6, 3), 0.15, 6) * 3.4
        ribbon = torch.exp(-3 * fraction(sheet)) * smoothstep(fraction(sheet), 0.0, 0.06)
        picture = picture + 0.55 * ribbon * smoothstep(body, 0.15, 0.6)
    return scene.colour(picture)


@style(
    "sunset",
    "sunset; sunrise; evening sky; golden hour; dusk",
    "181028 4c2058 b03858 f07830 fcc858",
    "14142c 3c2c68 a84878 f89048 fce088",
)
def sunset(scene: Scene) -> Tensor:
    """Bars of cloud lit from below over an orange horizon, dark shapes before it."""
    x, y = scene.coordinates()
    height = y / scene.scale + 0.15 * (scene.noise(2) - 0.5)
    streak = scene.fbm(3, 4, 0.55, stretch=(0.6, 2.6))
    cloud = smoothstep(streak, 0.42, 0.72)
    _, down = scene.gradient(blur(streak, 0.012))
    below = smoothstep(-down * 0.12, -0.1, 0.6)
    sky = scene.colour(0.3 + 0.62 * height + 0.12 * (scene.tone - 0.5))
    lit = mix(scene.entry(0.18), scene.entry(0.8), below)
    picture = mix(sky, lit, 0.75 * cloud)
    sun_x, sun_y = scene.uniform(0.2, 0.8) * scene.scale, scene.uniform(0.4, 0.85) * scene.scale
    distance = ((x - sun_x) ** 2 + (y - sun_y) ** 2).sqrt()
    picture = picture + 0.4 * bump(distance, 0.3) * flat("ffb050")
    picture = mix(picture, flat("fff4c0"), (1 - smoothstep(distance, 0.09, 0.11)) * scene.calm)
    dark = 1 - smoothstep(scene.tone, 0.16, 0.36)
    return mix(picture, scene.entry(0.0) * 0.6, 0.85 * dark)


def stars(scene: Scene, frequency: float, share: float) -> Tensor:
    """Points of light of uneven size with soft halos, 0..1."""
    cells = voronoi(scene, frequency)
    size = 0.03 + 0.07 * cells.chance(1) ** 2
    points = bump(cells.near, size) * (cells.chance(0) < share)
    halos = 0.35 * bump(cells.near, 3 * size) * (cells.chance(0) < 0.4 * share)
    return (points + halos).clamp(0, 1)


@style(
    "nightsky",
    "night sky; starry sky; night; stars; milky way",
    "020614 081c44 184078 5078b4 b8d0f0",
)
def night_sky(scene: Scene) -> Tensor:
    """Deep blue dusk full of stars, the Milky Way across it, and a crescent moon."""
    x, y = scene.coordinates()
    _, across = rotate(x, y, scene.uniform(0.3, 1.0))
    haze = scene.fbm(4, 5, 0.6)
    band = bump(across - scene.uniform(0.1, 0.5), 0.2) * (0.4 + 0.8 * haze)
    tint = 0.1 + 0.2 * y / scene.scale + 0.3 * band + 0.4 * (scene.tone - 0.35)
    picture = scene.colour(tint)
    light = stars(scene, 9, 0.7) + 0.8 * stars(scene, 22, 0.35)
    picture = mix(picture, flat("fcfcff"), light.clamp(0, 1))
    moon_x, moon_y = scene.point()
    disc = ((x - moon_x) ** 2 + (y - moon_y) ** 2).sqrt()
    hidden = ((x - moon_x - 0.045) ** 2 + (y - moon_y + 0.02) ** 2).sqrt()
    crescent = (1 - smoothstep(disc, 0.09, 0.1)) * smoothstep(hidden, 0.085, 0.1)
    picture = picture + 0.22 * bump(disc, 0.2) * flat("8098d0")
    return mix(picture, flat("fcf4d0"), crescent)


@style(
    "aurora",
    "aurora; northern lights; aurora borealis; polar lights",
    "02040e 0c1c38 5c2898 1ca878 60f890",
)
def aurora(scene: Scene) -> Tensor:
    """Green and violet curtains of light, rayed upwards, over a starry night."""
    x, y = scene.coordinates()
    picture = scene.colour(0.02 + 0.26 * scene.tone)
    picture = mix(picture, flat("f4f8ff"), stars(scene, 13, 0.5))
    sway = 0.5 * (scene.fbm(2, 2) - 0.5)
    rays = 0.45 + 0.55 * scene.noise(16, (1.6, 0.12)) + 0.25 * (scene.noise(40, (1.0, 0.1)) - 0.5)
    for curtain in range(2 + round(scene.scale)):
        foot = (curtain + scene.uniform(0.4, 0.9)) * 0.42
        height = foot + sway + 0.1 * torch.sin(5 * x + scene.uniform(0, 6.3)) - y
        fall = torch.exp(-height.clamp(min=0) / 0.17) * smoothstep(height, -0.02, 0.02)
        light = fall * rays * (0.4 + 0.7 * scene.tone)
        hue = scene.colour(0.62 + 0.38 * torch.exp(-height.clamp(min=0) / 0.2) - 0.1 * curtain)
        picture = picture + light * hue * 1.9
    return picture


@style(
    "rainbow",
    "rainbow; rainbow colors; spectrum; rainbow stripes",
    "e01818 f87818 f8e020 28b848 2060e0 4820a0 9820c0",
)
def rainbow(scene: Scene) -> Tensor:
    """Wide arcs in the order of the spectrum, clean and bright, the photo in their light."""
    x, y = scene.coordinates()
    hub_x, hub_y = scene.point(0.6)
    reach = ((x - hub_x) ** 2 + (y - hub_y) ** 2).sqrt() + 0.03 * (scene.noise(3) - 0.5)
    bands = reach * scene.uniform(1.1, 1.7) + scene.uniform()
    spectrum = scene.swatch(fraction(bands) * 0.999)
    soft = scene.colour(fraction(bands))
    return mix(spectrum, soft, 0.5) * (0.52 + 0.5 * scene.tone)


@style(
    "fireworks",
    "fireworks; firework; sparks; new year fireworks",
    "ff3838 ffc030 40e060 40a0ff e050ff fff0c0",
)
def fireworks(scene: Scene) -> Tensor:
    """Bursts of coloured sparks flying out of bright hubs, on black."""
    picture = 0.03 + 0.36 * scene.content * (0.3 + 0.7 * scene.tone)
    shown = 0.5 + 0.5 * scene.calm
    for layer in range(2):
        cells = voronoi(scene, scene.uniform(1.8, 2.8), jitter=0.8, shift=0.31 * layer)
        reach = cells.near / (0.4 + 0.3 * cells.chance(0))
        turn = cells.bearing / (2 * math.pi) * 26
        length = 0.55 + 0.45 * scatter(turn.floor(), cells.chance(1).mul(99).floor())
        aside = (fraction(turn) - 0.5).abs() * reach
        trail = bump(aside, 0.09) * smoothstep(reach, 0.1, 0.35) * (reach < length)
        head = bump(reach - length, 0.05) * bump(aside, 0.13)
        spark = trail * (0.35 + 0.65 * reach) * (0.6 + 0.4 * wave(reach * 6)) + 1.2 * head
        hue = scene.swatch(cells.chance(2))
        picture = picture + shown * hue * (spark + 0.22 * bump(reach, 0.6)) + 0.4 * bump(reach, 0.1)
    return picture


@style(
    "bokeh",
    "city lights; bokeh; blurred lights; night city; fairy lights",
    "ffb040 ff6838 ffe0a0 60a8ff ff5878 80e0b0",
)
def city_lights(scene: Scene) -> Tensor:
    """Out-of-focus lamps: overlapping soft discs of coloured light on a dark street."""
    picture = glow(scene.content, 0.008) * 0.4
    for layer in range(3):
        cells = voronoi(scene, scene.uniform(3.4, 6.5), jitter=0.9, shift=0.31 * layer)
        size = 0.2 + 0.22 * cells.chance(0)
        disc = 1 - smoothstep(cells.near, size - 0.03, size + 0.01)
        rim = bump(cells.near - size + 0.03, 0.03) * disc
        shown = (cells.chance(1) > 0.45) * (0.3 + 0.55 * scene.calm_at(cells))
        light = shown * (0.2 + 0.8 * scene.tone) * (0.62 * disc + 0.35 * rim)
        picture = picture + light * scene.swatch(cells.chance(2))
    return picture
