"""Styles after painters: procedural imitations of a few traits, never copies of a picture."""

import math

import torch
from torch import Tensor

from styles.cells import capsule, stamp, voronoi
from styles.curves import bump, fraction, rotate, smoothstep, wave
from styles.fields import blur, stretch_to_unit
from styles.flow import brush_angle, flow_along, strokes, swirls
from styles.palettes import RAINBOW, flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@style(
    "starry",
    "Starry Night by Vincent van Gogh; starry night; van gogh; vincent van gogh; "
    "starry sky by van gogh",
    "081434 1c3c88 3c74c0 84b4d4 f4dc5c",
    "0a1a40 24509c 5890c8 a8c8c8 f8d040",
)
def starry_night(scene: Scene) -> Tensor:
    """Whorls of blue dashes, and yellow stars in rings of strokes."""
    x, y = scene.coordinates()
    stream = swirls(scene, vortices=4, radius=(0.16, 0.3))
    halo, rings = torch.zeros_like(stream), torch.zeros_like(stream)
    stars = max(2, round(3 * scene.scale**2 * scene.aspect))
    for _ in range(min(stars, 10)):
        centre_x, centre_y = scene.point()
        size = scene.uniform(0.07, 0.13)
        distance = ((x - centre_x) ** 2 + (y - centre_y) ** 2).sqrt() / size
        near = torch.exp(-(distance**2))
        stream = stream * (1 - near) + 1.5 * near
        halo = torch.maximum(halo, torch.exp(-((distance / 1.1) ** 2)))
        rings = torch.maximum(rings, bump(distance, 0.35))
    angle = brush_angle(scene, blur(scene.tone, 0.015), flow_along(scene, stream))
    dashes = strokes(scene, angle, reach=0.07, cells=40, steps=6)
    bands = wave(stream * 4.5 + 0.5 * scene.noise(4))
    tint = 0.3 * bands + 0.5 * (dashes - 0.5) + 0.58 * scene.tone - 0.3 * scene.drawn
    sky = scene.colour(tint.clamp(0, 0.78))
    shown = scene.calm.maximum(scene.tone)
    glow = (halo * (0.55 + 0.9 * dashes) * shown).clamp(0, 1)
    lit = mix(sky, scene.entry(1.0), glow)
    lit = mix(lit, flat("fff8d0"), rings * shown)
    return lit * (0.7 + 0.6 * dashes)


@style(
    "monet",
    "a Monet style painting; monet; claude monet; impressionism; impressionist painting; "
    "impressionist",
    "38587c 6c98ac a4b8a4 d8b4bc f4e8cc",
    "30544c 5c9478 a4c8a4 c8a8cc f8e0e4",
    "3c4878 7884b4 b4a4c4 ecc0a8 fcecc8",
)
def impressionist(scene: Scene) -> Tensor:
    """Short dabs of broken pastel colour, lying level as on water."""
    hue = stretch_to_unit(0.7 * scene.noise(3) + 0.9 * scene.tone)
    picture = scene.colour(hue)
    lean = scene.uniform(-0.2, 0.2) + 0.9 * (scene.noise(3) - 0.5)
    for frequency in (9.0, 13.0, 18.0):
        dabs = stamp(scene, frequency, (0.9, 0.3), lean, spread=0.3)
        tint = 0.72 * scene.tone_at(dabs) + 0.55 * (dabs.chance(0) - 0.5) + 0.3 * (hue - 0.5) + 0.14
        bristles = wave(dabs.across * 1.6 + dabs.chance(1)) - 0.5
        ridge = 0.1 * dabs.across
        colour = scene.colour(tint) * (0.98 + 0.14 * bristles - ridge)
        picture = mix(picture, colour, 0.92 * dabs.cover)
    return picture


def ragged_bar(along: Tensor, across: Tensor) -> Tensor:
    """A brush stroke: straight sides, ends torn by the bristles."""
    torn = 0.16 * torch.sin(across * 7 + 1) + 0.1 * torch.sin(across * 19)
    return torch.minimum(1 - along.abs() - torn.abs(), 1 - across.abs())


@colourable(
    "oil",
    "oil painting; oil; oil painting with brush strokes; brush strokes; impasto; thick paint",
    "2c1c14 7c4424 c08c4c e4cc94 f8f0d8",
    "1c2c24 3c6444 8c9c54 d8b868 f4e4c0",
    "20243c 54587c a4788c e0b49c fcecd4",
)
def brush_strokes(scene: Scene) -> Tensor:
    """Thick strokes that follow the photo's edges, ridged by the bristles."""
    angle = brush_angle(scene, scene.tone, 6.3 * scene.noise(2))
    hairs = strokes(scene, angle, reach=0.06, cells=56, steps=6)
    ridge = hairs - torch.roll(hairs, (1, 1), (2, 3))
    picture = scene.colour(0.85 * scene.tone + 0.3 * (scene.noise(4) - 0.5) + 0.06)
    for frequency, width in ((4.5, 0.42), (8.0, 0.36), (14.0, 0.32)):
        marks = stamp(scene, frequency, (1.0, width), angle, spread=0.3, outline=capsule)
        tint = 0.85 * scene.tone_at(marks) + 0.3 * (marks.chance(0) - 0.5) + 0.06
        side = 0.07 * marks.across + 0.05 * marks.along
        cover = smoothstep(marks.inside + 0.5 * (hairs - 0.5), 0.0, 0.12)
        picture = mix(picture, scene.colour(tint) * (1 + side), cover * marks.cover)
    light = 0.8 + 0.4 * hairs + 1.1 * ridge.clamp(-0.25, 0.25)
    return picture * light + 0.2 * smoothstep(ridge, 0.08, 0.25)


@colourable(
    "acrylic",
    "acrylic painting; acrylic; acrylic paint; bold brush strokes",
    "1c2458 1878b4 f0643c 38b4a4 f4c83c f8ece0",
    "38184c c02464 48b0c0 f07838 f8d850 f8f0e4",
    "143c34 2c8c58 e85030 a4c848 f8d048 fcf4e0",
)
def flat_acrylic(scene: Scene) -> Tensor:
    """Broad opaque strokes of bright paint with torn ends and dry streaks."""
    drift = scene.uniform(0, math.pi) + 1.6 * (scene.noise(2) - 0.5)
    angle = brush_angle(scene, blur(scene.tone, 0.01), drift)
    patch = scene.noise(3)
    picture = scene.swatch(0.2 * patch + 0.8 * scene.tone)
    for frequency in (5.4, 7.6, 11.0):
        marks = stamp(scene, frequency, (1.05, 0.34), angle, spread=0.3, outline=ragged_bar)
        hue = 0.2 * marks.chance(0) + 0.85 * scene.tone_at(marks) - 0.03
        streak = wave(marks.across * 3.2 + marks.chance(1)) * 0.6 + 0.4 * wave(marks.across * 8.7)
        paint = scene.swatch(hue) * (0.9 + 0.2 * streak) + 0.22 * (scene.tone - 0.5)
        rim = 1 - smoothstep(marks.inside, 0.0, 0.12)
        tail = smoothstep(marks.along + streak, 1.15, 1.4)
        picture = mix(picture, paint * (1 - 0.18 * rim), marks.cover * (1 - 0.8 * tail))
    return picture


@colourable(
    "points",
    "pointillism; seurat; georges seurat; dots painting; colored dots",
    RAINBOW,
    "305c8c 5ca078 d8c454 d87848 b04870",
)
def pointillism(scene: Scene) -> Tensor:
    """Round dots of pure colour on a light ground."""
    dots = voronoi(scene, scene.uniform(17, 26), jitter=0.7)
    inside = 1 - smoothstep(dots.near, 0.36, 0.5)
    tint = 0.25 * dots.chance(0) + 0.8 * scene.tone_at(dots) - 0.03
    ground = scene.uniform(0.8, 0.9) * (0.4 + 0.6 * scene.tone)
    return mix(ground, scene.colour(tint), inside)


@style(
    "scream",
    "The Scream by Edvard Munch; the scream; edvard munch; munch",
    "141c38 2c5070 a04428 e87020 f8b848",
    "101c28 305860 c05020 f09038",
)
def expressionist_scream(scene: Scene) -> Tensor:
    """Long flowing bands of burning orange over dark blue, in visible strokes."""
    lean = scene.uniform(-0.35, 0.35)
    _, across = rotate(*scene.coordinates(), lean)
    stream = across + 0.34 * scene.fbm(1.6, 2) + 0.08 * scene.tone
    bands = stream * scene.uniform(3.2, 4.6)
    angle = flow_along(scene, stream)
    bristles = strokes(scene, angle, reach=0.14, cells=46, steps=7)
    level = 0.4 * wave(bands) + 0.15 * wave(bands * 2.7) + 0.5 * scene.tone - 0.2 * scene.drawn
    tint = level + 0.45 * (bristles - 0.5)
    return scene.colour(tint) * (0.72 + 0.45 * bristles)


@style(
    "wave",
    "The Great Wave off Kanagawa; great wave; hokusai; ukiyo-e; ukiyo-e by hokusai; "
    "japanese woodblock print",
    "142c64 2c5c94 7ca8bc ccd0b8 ecdfbc",
    "183458 346c9c 90b8bc d4d4b4 f0e2c0",
)
def great_wave(scene: Scene) -> Tensor:
    """Towering waves that curl over: striped blue bodies, white claws of foam, ink outlines."""
    x, y = scene.coordinates()
    sky = 0.6 + 0.35 * scene.tone + 0.05 * (scene.noise(3) - 0.5)
    picture = scene.colour(sky)
    shown = 0.3 + 0.7 * scene.calm
    rough, sway = scene.noise(6), scene.noise(7)
    rows = max(2, round(2.2 * scene.scale))
    depth = scene.scale / rows
    pocks = voronoi(scene, 9 / depth, jitter=0.9)
    facing = 2 * scene.chance(0.5) - 1
    for row in range(rows + 1):
        base = (row + 0.55) * depth
        height = (base - y) / depth
        lean = 0.55 * height.clamp(0, 1.4) ** 2
        bend = 0.16 * (scene.noise(2.5) - 0.5)
        phase = facing * x / (1.5 * depth) - lean + bend + scene.uniform()
        place = fraction(phase)
        rise = torch.where(place < 0.72, place / 0.72, (1 - place) / 0.28)
        profile = 1.15 * smoothstep(rise, 0.0, 1.0) * rise
        below = profile - height + 0.06 * (rough - 0.5)
        body = smoothstep(below, 0.0, 0.03)

        bands = wave(2.6 * below.clamp(min=0).sqrt() * 2.2 + 1.2 * place)
        pale = smoothstep(bands, 0.62, 0.72)
        deep = smoothstep(below, 0.5, 1.0)
        tint = 0.2 * pale * (1 - 0.7 * deep) - 0.1 * deep + 0.7 * scene.tone
        water = scene.colour(tint.clamp(0, 0.75))

        fingers = (torch.sin(place * 34 + 7 * sway)).abs() ** 0.8
        top = smoothstep(rise, 0.35, 0.95)
        fringe = (0.08 + 0.6 * top) * (0.35 + 0.65 * fingers)
        foam = 1 - smoothstep(below, fringe - 0.015, fringe + 0.015)
        shade = 0.3 * smoothstep(pocks.near, 0.42, 0.55) * (pocks.chance(0) > 0.35)
        white = mix(flat("f8f3e6"), scene.entry(0.5), shade)
        water = mix(water, white * (0.7 + 0.3 * scene.tone), foam * shown)
        ink = bump(below, 0.022) + 0.9 * bump(below - fringe, 0.02)
        water = mix(water, flat("0e1c48"), (0.8 * ink * shown).maximum(scene.drawn).clamp(0, 1))
        picture = mix(picture, water, body)
    return picture * (0.95 + 0.07 * scene.noise(50))
