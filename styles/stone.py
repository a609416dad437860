"""Styles of stone and earth: rock, canyon, walls, marble, agate, rust."""

import math

import torch
from torch import Tensor

from styles.cells import voronoi
from styles.curves import bump, fraction, nearest_line, rotate, scatter, smoothstep, wave
from styles.fields import stretch_to_unit
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


def relief_shade(scene: Scene, height: Tensor) -> Tensor:
    """Light on a height field from the upper left, about -1..1, 0 where it is level."""
    angle = scene.uniform(3.6, 4.6)
    right, down = scene.gradient(height)
    return torch.tanh(0.6 * (right * angle.cos() + down * angle.sin()))


@colourable(
    "rock",
    "rocks; stone; rock; stones; rocky",
    "1c1a18 504c48 8c867c c0b8ac e0dcd4",
    "201c1c 584c44 988474 d0c0ac",
    reserved=("red",),
)
def rock(scene: Scene) -> Tensor:
    """Rough boulders lit from one side, with grit and deep cracks."""
    crags = scene.warp(scene.fbm(4, 5, 0.62, ridged=True), 0.1, 5)
    stones = voronoi(scene, scene.uniform(4, 7), at=scene.bent(0.12, 5))
    crack = 1 - smoothstep(stones.border, 0.0, 0.13)
    height = 0.3 * crags - 0.12 * crack - 0.15 * stones.near
    light = relief_shade(scene, height)
    tint = 0.06 + 0.2 * (crags - 0.5) + 0.2 * light + 0.85 * scene.tone
    grit = 0.86 + 0.26 * scene.noise(70)
    crack = (0.55 * crack).maximum(0.6 * scene.drawn)
    return scene.colour(tint + 0.1 * (stones.chance(0) - 0.5)) * grit * (1 - crack)


@style(
    "redrock",
    "red rocks; canyon; red rock; red stone; mars",
    "280804 6c1c0c b0401c d87040 f0a878",
    "301008 842814 bc4c28 e08858 f4bc90",
)
def strata(scene: Scene) -> Tensor:
    """Layered canyon walls: uneven bands, jutting ledges with shadows, and broken clefts."""
    _, y = scene.coordinates()
    folds = y + 0.2 * (scene.fbm(1.5, 3) - 0.5) + 0.05 * scene.tone
    thickness = 0.5 * scene.noise(6, (0.1, 1.0))
    layers = (folds + 0.3 * thickness) * scene.uniform(6, 9) + 0.25 * scene.fbm(9, 3)
    layer = layers.floor()
    inside = fraction(layers)
    salt = scene.uniform(0, 40)
    hard = scatter(layer + salt, torch.zeros_like(layer))
    rough = scene.warp(scene.fbm(5, 5, 0.62, ridged=True, stretch=(1.3, 0.8)), 0.08, 6)
    cleft = 1 - smoothstep(scene.fbm(5, 3, ridged=True, stretch=(1.6, 0.5)), 0.22, 0.42)
    height = 0.26 * rough + 0.05 * hard - 0.1 * cleft
    light = relief_shade(scene, height)
    ledge = torch.exp(-inside / 0.16)
    lip = torch.exp(-(1 - inside) / 0.07)
    tint = 0.24 * hard + 0.24 * light + 0.16 * (rough - 0.5) + 0.16 * lip
    tint = tint + 0.8 * scene.tone - 0.3 * scene.drawn
    grit = 0.86 + 0.26 * scene.noise(70)
    return scene.colour(tint) * grit * (1 - 0.42 * ledge) * (1 - 0.45 * cleft)


@style(
    "stonewall",
    "stonewall; stone wall; cobblestone; cobblestones; castle wall",
    "242220 585450 8c8680 b8b0a4 dcd6cc",
    "2c2420 64564c 988878 c4b8a4 e4dccc",
)
def stone_wall(scene: Scene) -> Tensor:
    """Field stones of uneven size in pale mortar, rounded by light."""
    x, y = scene.bent(0.05, 8)
    stones = voronoi(scene, scene.uniform(6, 8), jitter=0.75, at=(x * 0.7, y))
    mortar = 1 - smoothstep(stones.border, 0.07, 0.17)
    rough = scene.fbm(9, 4, 0.65)
    round_light = 0.34 * (-stones.offset_x * 0.5 - stones.offset_y)
    tint = 0.25 + 0.2 * stones.chance(0) + round_light + 0.3 * (rough - 0.5)
    shadow = 1 - 0.45 * (1 - smoothstep(stones.border, 0.1, 0.34))
    joint = scene.entry(0.8) * (0.62 + 0.3 * scene.tone + 0.2 * (scene.noise(60) - 0.5))
    return mix(scene.colour(tint + 0.8 * (scene.tone - 0.4)) * shadow, joint, mortar)


@colourable("brick", "bricks; brick wall; brick", "4c1810 8c3420 b45438 d07c58")
def bricks(scene: Scene) -> Tensor:
    """Courses of fired brick in pale mortar."""
    x, y = scene.coordinates()
    frequency = scene.uniform(8, 12)
    down = y * frequency + scene.uniform()
    course = down.floor()
    across = x * frequency / 2.2 + 0.5 * (course % 2)
    gap_x = 2.2 * nearest_line(across)
    gap_y = nearest_line(down)
    face = smoothstep(torch.minimum(gap_x, gap_y), 0.05, 0.12)
    random = scatter(across.floor() + scene.uniform(0, 40), course)
    rough = scene.fbm(14, 3)
    tint = 0.2 + 0.42 * random + 0.35 * (scene.tone - 0.3) + 0.3 * (rough - 0.5)
    mortar = flat("d4ccc0") * (0.6 + 0.4 * scene.tone) * (0.85 + 0.2 * scene.noise(60))
    return mix(mortar, scene.colour(tint), face)


@colourable("marble", "marble; white marble; marble statue", "343438 88888c d0d0d4 f4f4f8 ffffff")
def marble(scene: Scene) -> Tensor:
    """Pale polished stone with fine branching veins."""
    _, across = rotate(*scene.coordinates(), scene.uniform(0, math.pi))
    flow = across + 0.5 * (scene.warp(scene.fbm(2, 4, 0.5), 0.25, 3) - 0.5)
    cloud = scene.fbm(2, 4)
    coarse = scene.contours(flow * scene.uniform(1.6, 2.2), 0.02 + 0.03 * cloud**2)
    fine = scene.contours(scene.warp(flow, 0.14, 6) * 3.3 + 0.4, 0.007)
    hair = scene.contours(scene.warp(flow, 0.3, 4) * 4.1 + 0.2, 0.004)
    veins = 0.5 * coarse * (0.4 + cloud) + 0.4 * fine + 0.25 * hair
    tint = 0.22 - veins - 0.2 * (cloud - 0.5) + 0.62 * scene.tone - 0.2 * scene.drawn
    return scene.colour(tint)


@style("rust", "rust; rusty; rusty metal; corroded", "2c1810 6c3014 ac5420 d88c48")
def rust(scene: Scene) -> Tensor:
    """Corroded iron: flaking brown and orange over grey paint, with pits."""
    decay = scene.fbm(4, 5, 0.72)
    grain = scene.noise(70)
    paint = smoothstep(decay + 0.2 * (scene.tone - 0.5), 0.62, 0.66)
    tint = 0.8 * stretch_to_unit(scene.fbm(5, 4, 0.7) + 0.6 * decay) + 0.35 * (grain - 0.5)
    flakes = scene.colour(0.85 * tint + 0.32 * (scene.tone - 0.5))
    rim = bump(decay + 0.2 * (scene.tone - 0.5) - 0.63, 0.02)
    bare = flat("74848c") * (0.7 + 0.5 * scene.tone) * (0.9 + 0.2 * grain)
    return mix(flakes, bare, 0.85 * paint) * (1 - 0.5 * rim)


@style(
    "drought",
    "dry cracked earth; drought; cracked mud; cracked ground; parched earth",
    "3c2818 8c6844 bc9870 e4cca4",
    "2c2018 746048 a89078 d4c0a8",
)
def dry_earth(scene: Scene) -> Tensor:
    """Sun-baked mud split into curled plates."""
    plates = voronoi(scene, scene.uniform(6, 8), at=scene.bent(0.06, 8))
    hairline = voronoi(scene, 13, at=scene.bent(0.04, 12))
    split = 1 - smoothstep(plates.border, 0.03, 0.12)
    small = (1 - smoothstep(hairline.border, 0.0, 0.07)) * 0.4
    curl = smoothstep(plates.border, 0.08, 0.4)
    light = 0.14 * (-plates.offset_x - plates.offset_y) * (1 - curl)
    rough = scene.fbm(10, 3) - 0.5
    tint = 0.45 + 0.14 * (plates.chance(0) - 0.5) + light + 0.22 * rough - 0.1 * curl
    return scene.colour(tint + 0.75 * (scene.tone - 0.5)) * (1 - 0.7 * split) * (1 - small)


@colourable(
    "agate",
    "agate; geode; agate slice; banded gemstone",
    "182c50 2c6ca0 c87848 78b8d0 f0f4f0",
    "3c1440 8c3c80 784898 d490b8 fcecf0",
    "4c1c10 884430 a84c20 e09850 fcecd0",
)
def agate(scene: Scene) -> Tensor:
    """Polished slices of agate: thin coloured bands round hollows of crystal."""
    cells = voronoi(scene, scene.uniform(2.2, 3.2), at=scene.bent(0.22, 5))
    depth = 1 - smoothstep(cells.border, 0.0, 0.9)
    rings = depth * scene.uniform(6, 9) + 0.9 * scene.noise(5) + 2 * scene.tone
    band = rings.floor()
    salt = scene.uniform(0, 40)
    number = (cells.chance(0) * 31).floor()
    tint = 0.3 * scatter(band + salt, number) + 0.85 * scene.tone - 0.12
    fine = 0.14 * (wave(rings * 3) - 0.5)
    hollow = smoothstep(cells.border, 0.55, 0.62) * scene.calm_at(cells)
    druse = voronoi(scene, 30)
    sparkle = 0.25 + 0.75 * druse.chance(0) ** 2
    stone = scene.colour(tint + fine)
    rim = bump(cells.border, 0.035)
    picture = mix(stone, scene.entry(0.9) * sparkle, hollow)
    return mix(picture, flat("f4ead8"), 0.5 * rim)


@style(
    "terrazzo",
    "terrazzo; terrazzo floor; stone chips",
    "2c3038 5c8474 c86848 9ca0a0 e0b088",
    "1c3c54 403438 84a898 d88c7c f0c868",
)
def terrazzo(scene: Scene) -> Tensor:
    """Chips of coloured stone set in polished pale cement."""
    cement = flat("e8e2d8") * (0.3 + 0.65 * scene.tone) * (0.95 + 0.08 * scene.noise(70))
    picture = cement.expand(scene.content.shape)
    for frequency in (24.0, 13.0, 8.0):
        chips = voronoi(scene, frequency, at=scene.bent(0.02, 14))
        corners = 0.8 + 0.35 * nearest_line(chips.bearing * 0.8 + chips.chance(2))
        size = (0.2 + 0.3 * chips.chance(0)) * corners
        inside = 1 - smoothstep(chips.near, size - 0.03, size + 0.03)
        colour = scene.swatch(0.3 * chips.chance(2) + 0.75 * scene.tone_at(chips) - 0.03)
        picture = mix(picture, colour, inside * (chips.chance(1) < 0.6))
    return picture


@style(
    "moss", "moss; mossy; covered in moss; lichen; overgrown", "0c1808 28440c 587c1c 94ac34 ccd86c"
)
def moss(scene: Scene) -> Tensor:
    """Soft green cushions, fuzzy and lit from above, with dark gaps."""
    height = torch.zeros_like(scene.tone)
    for frequency, weight in ((4.0, 0.55), (9.0, 0.3), (22.0, 0.22)):
        tufts = voronoi(scene, frequency, at=scene.bent(0.3 / frequency, 2 * frequency))
        height = height + weight * (1 - smoothstep(tufts.near, 0.0, 0.75))
    fuzz = scene.noise(80) - 0.5
    _, down = scene.gradient(height)
    light = torch.tanh(down * 0.12)
    gap = smoothstep(height, 0.12, 0.42)
    tint = 0.12 + 0.55 * height + 0.2 * light + 0.22 * fuzz + 0.8 * (scene.tone - 0.5)
    return scene.colour(tint) * (0.35 + 0.65 * gap)
