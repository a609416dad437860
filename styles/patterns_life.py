"""Patterns of plants and animals: leaves, flowers, coral, scales, feathers, pelts."""

import math

import torch
from torch import Tensor

from styles.cells import leaf, scallops, stamp, voronoi
from styles.fields import (
    blur,
    bump,
    coordinates,
    fbm,
    noise,
    rotate,
    smoothstep,
    stretch_to_unit,
    warp,
    wave,
)
from styles.flow import strokes
from styles.palettes import flat
from styles.scene import Scene, mix


def grass(scene: Scene) -> Tensor:
    """Upright blades, dark at the root."""
    angle = math.pi / 2 + 1.1 * (noise(scene, 4) - 0.5)
    blades = strokes(scene, angle, reach=0.09, cells=62, steps=7)
    tufts = strokes(scene, angle, reach=0.12, cells=16, steps=5)
    tint = 0.9 * (blades - 0.5) + 0.45 * (tufts - 0.5) + 0.3 + 0.42 * scene.tone
    return scene.colour(tint)


def leaves(scene: Scene) -> Tensor:
    """Overlapping pointed leaves with a midrib and side veins."""
    bend = 0.08 * fbm(scene, 3, 2)
    x, y = coordinates(scene)
    picture = scene.colour(0.3 * scene.tone) * 0.55
    for layer in range(3):
        frequency = scene.uniform(5.5, 7.5)
        shift = 0.37 * layer
        cells = voronoi(scene, frequency, jitter=0.8, at=(x + bend + shift, y - bend + shift))
        angle = 2 * math.pi * cells.chance(0)
        along, across = rotate(cells.offset_x, cells.offset_y, angle)
        half = 0.3 * (1 - (along / 0.62) ** 2)
        inside = smoothstep(half - across.abs(), 0.0, 0.04)
        midrib = bump(across, 0.022)
        side = bump(wave((along - 0.6 * across.abs()) * 8) - 1, 0.3)
        tone = scene.tone_at(cells)
        tint = 0.14 + 0.62 * cells.chance(1) + 0.5 * (tone - 0.4) + 0.14 * torch.sign(across)
        blade = scene.colour(tint) * (1 - 0.16 * side)
        blade = mix(blade, scene.entry(1.0), 0.5 * midrib)
        shadow = smoothstep(half - across.abs(), -0.13, 0.0)
        picture = mix(picture * (1 - 0.55 * shadow), blade, inside)
    return picture


def blossom(scene: Scene) -> Tensor:
    """Five-petalled flowers with yellow hearts over green shade."""
    picture = scene.colour(0.3 * scene.tone + 0.1 * noise(scene, 20)) * 0.9
    x, y = coordinates(scene)
    for layer in range(2):
        shift = 0.41 * layer
        frequency = scene.uniform(3.8, 5.6)
        cells = voronoi(scene, frequency, jitter=0.8, at=(x + shift, y + shift))
        turn = cells.bearing + 6.3 * cells.chance(0)
        petal = 0.34 + 0.13 * torch.cos(5 * turn)
        reach = cells.near / petal
        inside = 1 - smoothstep(reach, 0.9, 1.0)
        tint = 0.5 + 0.4 * cells.chance(1) + 0.3 * (scene.tone_at(cells) - 0.5) - 0.22 * reach
        line = bump(wave(turn * 5 / (2 * math.pi) + 0.25), 0.25) * 0.12
        colour = scene.colour(tint.clamp(0.25, 1)) * (1 - line) * (1.08 - 0.2 * reach)
        picture = mix(picture * (1 - 0.3 * (reach < 1.25)), colour, inside)
        heart = 1 - smoothstep(cells.near, 0.06, 0.11)
        picture = mix(picture, flat("f4c83c"), heart)
    return picture


def animal_spots(scene: Scene) -> Tensor:
    """Broken dark rosettes on tawny fur."""
    cells = voronoi(scene, scene.uniform(6, 9), jitter=0.85)
    near = cells.near + 0.3 * (noise(scene, 14) - 0.5)
    rosette = smoothstep(near, 0.13, 0.2) * (1 - smoothstep(near, 0.33, 0.41))
    gap = smoothstep(torch.cos(cells.bearing * 2 + 6.3 * cells.chance(0)), -0.95, -0.6)
    angle = scene.uniform(0, math.pi) + noise(scene, 2)
    hair = strokes(scene, angle, reach=0.04, cells=80, steps=4)
    heart = 0.14 * (1 - smoothstep(near, 0.12, 0.2))
    tint = 0.72 + 0.34 * (scene.tone - 0.5) + 0.24 * (hair - 0.5) - heart
    return scene.colour(tint - 0.85 * rosette * gap)


def zebra(scene: Scene) -> Tensor:
    """Black and white stripes that fork and bend with the photo."""
    x, y = coordinates(scene)
    bend = 0.16 * fbm(scene, 2.5, 2) + 0.06 * scene.tone
    _, across = rotate(x + bend, y + bend, scene.uniform(0, math.pi))
    fork = 0.35 * smoothstep(noise(scene, 3), 0.4, 0.6)
    stripes = wave(across * scene.uniform(6, 9) + fork)
    hair = noise(scene, 70) - 0.5
    white = smoothstep(stripes + 0.3 * (scene.tone - 0.5) + 0.1 * hair, 0.44, 0.56)
    return scene.colour(0.03 + 0.95 * white) * (0.9 + 0.15 * stretch_to_unit(scene.tone))


def coral(scene: Scene) -> Tensor:
    """Maze of coral ridges set with pale polyps, over blue water in the gaps."""
    fine = noise(scene, 17)
    maze = fine - blur(fine, 0.07 / scene.scale)
    maze = warp(scene, maze, 0.04, 8)
    ridge = smoothstep(maze + 0.1 * (scene.tone - 0.5), -0.05, 0.07)
    crest = smoothstep(maze, 0.04, 0.2)
    polyps = voronoi(scene, 30)
    dots = bump(polyps.near, 0.3) * ridge
    patch = noise(scene, 2.5)
    tint = 0.3 + 0.42 * patch + 0.24 * crest + 0.4 * (scene.tone - 0.5)
    water = mix(flat("02283c"), flat("0c7c98"), 0.3 + 0.7 * scene.tone)
    reef = mix(scene.colour(tint), flat("fff0e0"), 0.35 * dots)
    return mix(water, reef, ridge)


def scales(scene: Scene) -> Tensor:
    """Overlapping horny scales, each with a keel, a dark root and a bright rim."""
    x, y = coordinates(scene)
    bend = 0.08 * (noise(scene, 2.5) - 0.5)
    angle = scene.uniform(-0.5, 0.5)
    rows = scallops(scene, scene.uniform(5.5, 8), at=rotate(x + bend, y + bend, angle))
    tone = scene.tone_at(rows)
    rim = smoothstep(rows.radius, 0.78, 0.93)
    edge = smoothstep(rows.radius, 0.95, 1.0)
    keel = bump(torch.cos(rows.bearing), 0.22) * (1 - rows.radius)
    side = -0.16 * torch.cos(rows.bearing) * rows.radius
    tint = 0.2 + 0.3 * rows.random + 0.24 * rim + 0.3 * keel + side + 0.5 * (tone - 0.4)
    sheen = smoothstep(noise(scene, 3), 0.5, 0.8) * 0.12
    return (scene.colour(tint) + sheen) * (1 - 0.75 * edge)


def feathers(scene: Scene) -> Tensor:
    """Overlapping feathers with shafts, slanting barbs and an eye of colour near the tip."""
    angle = scene.uniform(0, 2 * math.pi) + 0.8 * (noise(scene, 2) - 0.5)
    picture = scene.colour(0.1 + 0.3 * scene.tone)
    for frequency in (2.4, 2.8, 3.2):
        plumes = stamp(scene, frequency, (1.1, 0.62), angle, spread=0.2, vary=0.2, outline=leaf)
        shaft = bump(plumes.across, 0.05)
        barbs = wave(plumes.along * 8 - plumes.across.abs() * 5)
        eye_at = plumes.along - 0.38
        eye = (eye_at.square() * 4.2 + plumes.across.square() * 2.4).sqrt()
        tint = 0.3 + 0.3 * plumes.chance(0) + 0.3 * (barbs - 0.5) + 0.4 * (scene.tone - 0.5)
        vane = scene.colour(tint.clamp(0, 0.7))
        for radius, place in ((0.62, 1.0), (0.5, 0.35), (0.36, 0.8), (0.2, 0.0)):
            ring = scene.colour(place + 0 * eye) * (0.7 + 0.4 * barbs)
            vane = mix(vane, ring, 1 - smoothstep(eye, radius - 0.04, radius + 0.04))
        vane = mix(vane, scene.entry(1.0), 0.7 * shaft * (eye > 0.3))
        rim = smoothstep(plumes.inside, 0.0, 0.12)
        picture = mix(picture, vane * (0.5 + 0.5 * rim), plumes.cover)
    return picture


def petals(scene: Scene) -> Tensor:
    """Roses: whorls of overlapping petals round each heart, leaves between."""
    cells = voronoi(scene, scene.uniform(3, 4.2), jitter=0.6)
    bend = 0.09 * (noise(scene, 7) - 0.5)
    near = cells.near + bend
    turn = cells.bearing / (2 * math.pi) + cells.chance(0)
    coil = near * 9 - turn + 0.25 * torch.sin(3 * cells.bearing + 9 * near)
    layer = torch.remainder(coil, 1.0)
    rose = 1 - smoothstep(near, 0.47, 0.5)
    tint = 0.25 + 0.6 * layer + 0.35 * (scene.tone - 0.5) + 0.25 * (near - 0.25)
    bloom = scene.colour(tint) * (0.62 + 0.38 * smoothstep(layer, 0.0, 0.35))
    blades = stamp(scene, 6.0, (0.9, 0.34), 6.3 * noise(scene, 3), spread=1.5, outline=leaf)
    rib = bump(blades.across, 0.08) + 0.4 * (wave(blades.along * 4 - blades.across.abs()) > 0.8)
    green = mix(flat("1c3c1c"), flat("5c8c40"), 0.7 * blades.chance(0) + 0.3 * scene.tone)
    ground = mix(flat("10200f") + 0.0 * tint, green * (1 + 0.25 * rib), blades.cover)
    return mix(ground, bloom, rose)


def bark(scene: Scene) -> Tensor:
    """Furrowed tree bark: long upright plates with deep dark gaps."""
    x, y = coordinates(scene)
    bend = 0.08 * (noise(scene, 5) - 0.5)
    plates = voronoi(scene, scene.uniform(7, 9), at=(x + bend, 0.3 * y + bend))
    groove = smoothstep(plates.border, 0.04, 0.3)
    upright = math.pi / 2 + 0.5 * (noise(scene, 6) - 0.5)
    fibre = strokes(scene, upright, reach=0.05, cells=60, steps=4)
    rough = fbm(scene, 9, 4, 0.7, ridged=True, stretch=(1.0, 0.6))
    side = -0.25 * plates.offset_x * groove
    tint = 0.3 + 0.3 * (fibre - 0.5) + 0.32 * (rough - 0.5) + side + 0.2 * plates.chance(0)
    tint = tint + 0.4 * (scene.tone - 0.5)
    return scene.colour(tint) * (0.25 + 0.75 * groove)
