"""Styles of plants and animals: leaves, flowers, coral, scales, feathers, pelts, hides."""

import math

import torch
from torch import Tensor

from styles.cells import leaf, scallops, stamp, voronoi
from styles.curves import bump, nearest_line, rotate, smoothstep, wave
from styles.fields import blur
from styles.flow import strokes
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@style("grass", "grass; grassy; meadow; green grass", "0c2408 2c5c14 5c9c24 a4cc4c dcec94")
def grass(scene: Scene) -> Tensor:
    """Upright blades, dark at the root."""
    angle = math.pi / 2 + 1.1 * (scene.noise(4) - 0.5)
    blades = strokes(scene, angle, reach=0.09, cells=62, steps=7)
    tufts = strokes(scene, angle, reach=0.12, cells=16, steps=5)
    tint = 0.9 * (blades - 0.5) + 0.45 * (tufts - 0.5) + 0.3 + 0.42 * scene.tone
    return scene.colour(tint)


@style("forest", "forest; leaves; jungle; foliage; ivy", "081c08 1c4c18 34782c 70a844 b0d074")
@style("autumn", "autumn leaves; autumn; fall foliage; fall", "4c1408 a43010 d8641c f0a028 f8d85c")
def leaves(scene: Scene) -> Tensor:
    """Overlapping pointed leaves with a midrib and side veins."""
    bend = 0.08 * scene.fbm(3, 2)
    x, y = scene.coordinates()
    picture = scene.colour(0.7 * scene.tone) * 0.7
    for layer in range(3):
        frequency = scene.uniform(7.5, 9.5)
        cells = voronoi(scene, frequency, jitter=0.8, at=(x + bend, y - bend), shift=0.37 * layer)
        angle = 2 * math.pi * cells.chance(0)
        along, across = rotate(cells.offset_x, cells.offset_y, angle)
        half = 0.3 * (1 - (along / 0.62) ** 2)
        inside = smoothstep(half - across.abs(), 0.0, 0.04)
        midrib = bump(across, 0.022)
        side = bump(wave((along - 0.6 * across.abs()) * 8) - 1, 0.3)
        tone = scene.tone_at(cells)
        tint = 0.06 + 0.16 * cells.chance(1) + 0.5 * tone + 0.3 * scene.tone
        blade = scene.colour(tint + 0.12 * torch.sign(across)) * (1 - 0.16 * side)
        blade = mix(blade, scene.entry(1.0), 0.5 * midrib)
        shadow = smoothstep(half - across.abs(), -0.13, 0.0)
        picture = mix(picture * (1 - 0.55 * shadow), blade, inside)
    return picture * (1 - 0.6 * scene.drawn)


@style(
    "blossom",
    "cherry blossom; flowers; floral; blossoms; sakura; pink flowers",
    "2c4c30 8c8474 f0a0c0 fcd0e0 fff4f8",
    "34503c a08c8c f890b8 fcc8dc ffffff",
)
def blossom(scene: Scene) -> Tensor:
    """Five-petalled flowers with yellow hearts over green shade."""
    picture = scene.colour(0.6 * scene.tone + 0.1 * scene.noise(20)) * 0.9
    for layer in range(2):
        cells = voronoi(scene, scene.uniform(5, 7), jitter=0.8, shift=0.41 * layer)
        turn = cells.bearing + 6.3 * cells.chance(0)
        petal = 0.34 + 0.13 * torch.cos(5 * turn)
        reach = cells.near / petal
        inside = 1 - smoothstep(reach, 0.9, 1.0)
        tint = 0.3 + 0.15 * cells.chance(1) + 0.7 * scene.tone_at(cells) - 0.22 * reach
        line = bump(wave(turn * 5 / (2 * math.pi) + 0.25), 0.25) * 0.12
        colour = scene.colour(tint.clamp(0.25, 1)) * (1 - line) * (1.08 - 0.2 * reach)
        shown = smoothstep(0.5 * scene.tone_at(cells) + scene.calm_at(cells), 0.4, 0.6)
        picture = mix(picture * (1 - 0.3 * (reach < 1.25) * shown), colour, inside * shown)
        heart = (1 - smoothstep(cells.near, 0.06, 0.11)) * shown
        picture = mix(picture, flat("f4c83c"), heart)
    return picture


@style(
    "leopard", "leopard; leopard print; animal print; cheetah", "100804 5c3410 b87c34 dca85c f0d098"
)
def animal_spots(scene: Scene) -> Tensor:
    """Broken dark rosettes on tawny fur."""
    cells = voronoi(scene, scene.uniform(6, 9), jitter=0.85)
    near = cells.near + 0.3 * (scene.noise(14) - 0.5)
    rosette = smoothstep(near, 0.13, 0.2) * (1 - smoothstep(near, 0.33, 0.41))
    gap = smoothstep(torch.cos(cells.bearing * 2 + 6.3 * cells.chance(0)), -0.95, -0.6)
    angle = scene.uniform(0, math.pi) + scene.noise(2)
    hair = strokes(scene, angle, reach=0.04, cells=80, steps=4)
    heart = 0.14 * (1 - smoothstep(near, 0.12, 0.2))
    tint = 0.25 + 0.7 * scene.tone + 0.24 * (hair - 0.5) - heart - 0.3 * scene.drawn
    return scene.colour(tint - 0.7 * rosette * gap)


@colourable("zebra", "zebra; zebra stripes; stripes; striped", "080808 f8f8f4")
def zebra(scene: Scene) -> Tensor:
    """Black and white stripes that fork and bend with the photo."""
    x, y = scene.coordinates()
    bend = 0.16 * scene.fbm(2.5, 2) + 0.1 * blur(scene.tone, 0.02)
    _, across = rotate(x + bend, y + bend, scene.uniform(0, math.pi))
    fork = 0.35 * smoothstep(scene.noise(3), 0.4, 0.6)
    stripes = wave(across * scene.uniform(6, 8) + fork)
    hair = scene.noise(70) - 0.5
    white = smoothstep(stripes + 0.4 * (scene.tone - 0.5) + 0.1 * hair, 0.44, 0.56)
    return scene.colour(0.1 + 0.82 * white - 0.5 * scene.drawn)


@colourable(
    "coral",
    "coral; coral reef; brain coral; reef",
    "7c1c3c d84860 f88868 fcc8a0",
    "6c2070 c850a0 f098a8 fce0c8",
)
def coral(scene: Scene) -> Tensor:
    """Maze of coral ridges set with pale polyps, over blue water in the gaps."""
    fine = scene.noise(17)
    maze = fine - blur(fine, 0.07 / scene.scale)
    maze = scene.warp(maze, 0.04, 8)
    ridge = smoothstep(maze + 0.2 * (scene.tone - 0.5), -0.05, 0.07)
    crest = smoothstep(maze, 0.04, 0.2)
    polyps = voronoi(scene, 30)
    dots = bump(polyps.near, 0.3) * ridge
    patch = scene.noise(2.5)
    tint = 0.15 * patch + 0.2 * crest + 0.7 * scene.tone
    water = mix(flat("02283c"), flat("0c7c98"), 0.3 + 0.7 * scene.tone)
    reef = mix(scene.colour(tint), flat("fff0e0"), 0.35 * dots)
    return mix(water, reef, ridge)


@colourable(
    "scales",
    "dragon scales; scales; snake skin; fish scales; reptile",
    "04140c 0c4c34 2c8c54 a8d478",
    "1c0808 6c1c14 b84c20 f0b050",
    "08142c 1c4874 4898a8 c0e8d8",
)
def scales(scene: Scene) -> Tensor:
    """Overlapping horny scales, each with a keel, a dark root and a bright rim."""
    x, y = scene.coordinates()
    bend = 0.08 * (scene.noise(2.5) - 0.5)
    angle = scene.uniform(-0.5, 0.5)
    rows = scallops(scene, scene.uniform(7, 9), at=rotate(x + bend, y + bend, angle))
    tone = scene.tone_at(rows)
    rim = smoothstep(rows.radius, 0.78, 0.93)
    edge = smoothstep(rows.radius, 0.95, 1.0)
    keel = bump(torch.cos(rows.bearing), 0.22) * (1 - rows.radius)
    side = -0.16 * torch.cos(rows.bearing) * rows.radius
    tint = 0.16 * rows.random + 0.2 * rim + 0.25 * keel + side + 0.75 * tone
    sheen = smoothstep(scene.noise(3), 0.5, 0.8) * 0.12
    return (scene.colour(tint) + sheen) * (1 - 0.75 * edge)


@colourable(
    "feathers",
    "feathers; peacock feathers; peacock; plumage; feather",
    "04202c 0c5c5c 148c58 1c48a8 c8a028",
    "041c30 0c6878 30a050 2038a0 d8b838",
)
def feathers(scene: Scene) -> Tensor:
    """Overlapping feathers with shafts, slanting barbs and an eye of colour near the tip."""
    angle = scene.uniform(0, 2 * math.pi) + 0.8 * (scene.noise(2) - 0.5)
    picture = scene.colour(0.1 + 0.3 * scene.tone)
    for frequency in (2.4, 2.8, 3.2):
        plumes = stamp(scene, frequency, (1.1, 0.62), angle, spread=0.2, vary=0.2, outline=leaf)
        shaft = bump(plumes.across, 0.05)
        barbs = wave(plumes.along * 8 - plumes.across.abs() * 5)
        eye_at = plumes.along - 0.38
        eye = (eye_at.square() * 4.2 + plumes.across.square() * 2.4).sqrt()
        tint = 0.3 + 0.3 * plumes.chance(0) + 0.3 * (barbs - 0.5) + 0.7 * (scene.tone - 0.5)
        vane = scene.colour(tint.clamp(0, 0.8))
        shown = 0.3 + 0.7 * scene.calm_at(plumes)
        for radius, place in ((0.62, 1.0), (0.5, 0.35), (0.36, 0.8), (0.2, 0.0)):
            ring = scene.colour(place + 0 * eye) * (0.7 + 0.4 * barbs)
            vane = mix(vane, ring, shown * (1 - smoothstep(eye, radius - 0.04, radius + 0.04)))
        vane = mix(vane, scene.entry(1.0), 0.7 * shaft * (eye > 0.3))
        rim = smoothstep(plumes.inside, 0.0, 0.12)
        picture = mix(picture, vane * (0.5 + 0.5 * rim), plumes.cover)
    return picture * (1 - 0.5 * scene.drawn)


@colourable(
    "roses",
    "roses; rose petals; red roses; bouquet of roses",
    "3c0410 8c0c20 d82840 f47888",
    "5c1438 b83868 f088a0 fce0dc",
)
def petals(scene: Scene) -> Tensor:
    """Roses: whorls of overlapping petals round each heart, leaves between."""
    cells = voronoi(scene, scene.uniform(4.5, 5.8), jitter=0.6)
    bend = 0.09 * (scene.noise(7) - 0.5)
    near = cells.near + bend
    turn = cells.bearing / (2 * math.pi) + cells.chance(0)
    coil = near * 9 - turn + 0.25 * torch.sin(3 * cells.bearing + 9 * near)
    layer = torch.remainder(coil, 1.0)
    rose = 1 - smoothstep(near, 0.47, 0.5)
    tint = 0.5 * layer + 0.75 * scene.tone + 0.25 * (near - 0.4)
    bloom = scene.colour(tint) * (0.7 + 0.3 * smoothstep(layer, 0.0, 0.35))
    blades = stamp(scene, 6.0, (0.9, 0.34), 6.3 * scene.noise(3), spread=1.5, outline=leaf)
    rib = bump(blades.across, 0.08) + 0.4 * (wave(blades.along * 4 - blades.across.abs()) > 0.8)
    green = mix(flat("1c3c1c"), flat("7cac58"), 0.2 * blades.chance(0) + 0.8 * scene.tone)
    ground = mix(green * 0.7, green * (1 + 0.25 * rib), blades.cover)
    return mix(ground, bloom, rose) * (1 - 0.5 * scene.drawn)


@style(
    "bark",
    "tree bark; bark; tree trunk; oak bark",
    "14100c 44342c 7c6454 b8a48c",
    "1c1410 503828 8c6c50 c4a888",
)
def bark(scene: Scene) -> Tensor:
    """Furrowed tree bark: long upright plates with deep dark gaps."""
    x, y = scene.coordinates()
    bend = 0.08 * (scene.noise(5) - 0.5)
    plates = voronoi(scene, scene.uniform(7, 9), at=(x + bend, 0.3 * y + bend))
    groove = smoothstep(plates.border, 0.04, 0.3)
    upright = math.pi / 2 + 0.5 * (scene.noise(6) - 0.5)
    fibre = strokes(scene, upright, reach=0.05, cells=60, steps=4)
    rough = scene.fbm(9, 4, 0.7, ridged=True, stretch=(1.0, 0.6))
    side = -0.25 * plates.offset_x * groove
    tint = 0.3 + 0.3 * (fibre - 0.5) + 0.32 * (rough - 0.5) + side + 0.2 * plates.chance(0)
    return scene.colour(tint + 0.8 * (scene.tone - 0.4)) * (0.4 + 0.6 * groove)


@colourable(
    "leather",
    "leather; brown leather; leather hide; saddle leather",
    "140804 4c2410 8c4c24 c08854",
    "100804 381c14 743820 ac6c48",
)
def leather(scene: Scene) -> Tensor:
    """Pebbled hide with soft gloss, creases and a stitched seam."""
    x, y = scene.coordinates()
    bend = 0.03 * (scene.noise(20) - 0.5)
    grain = voronoi(scene, scene.uniform(22, 28), at=(x + bend, y - bend))
    crease = scene.contours(2.2 * scene.fbm(2, 4), 0.006)
    pebble = smoothstep(grain.border, 0.0, 0.3)
    gloss = 0.3 * (-grain.offset_x - grain.offset_y)
    shine = bump(scene.noise(2) - 0.5, 0.2) * 0.14
    tint = 0.26 * pebble + gloss + shine + 0.7 * scene.tone - 0.22 * crease - 0.05
    hide = scene.colour(tint)
    u, v = rotate(x, y, scene.uniform(-0.4, 0.4) + scene.chance(0.5) * math.pi / 2)
    seam = v * 1.2 + scene.uniform()
    groove = bump(nearest_line(seam), 0.02)
    stitch = bump(nearest_line(seam), 0.012) * (wave(u * 11) > 0.35)
    return mix(hide * (1 - 0.5 * groove), flat("ecd8b0"), stitch)


@colourable(
    "fur", "fur; fluffy; furry; hairy", "2c1c10 745034 b08c64 e0c8a0", "28282c 78787c b8b8bc f0f0f0"
)
def fur(scene: Scene) -> Tensor:
    """Long hair combed in tufts."""
    angle = 5 * scene.noise(3)
    hair = strokes(scene, angle, reach=0.07, cells=72, steps=7)
    tufts = strokes(scene, angle, reach=0.1, cells=22, steps=7)
    tint = 0.7 * (hair - 0.5) + 0.4 * (tufts - 0.5) + 0.28 + 0.5 * scene.tone
    return scene.colour(tint)
