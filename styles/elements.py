"""Styles of the elements: fire, lava, snow, ice, water, sand, bubbles."""

import math

import torch
from torch import Tensor

from styles.cells import voronoi
from styles.curves import bump, fraction, smoothstep, spot, wave
from styles.fields import blur
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@style("fire", "fire; flames; burning; flame; on fire; blaze", "080202 5c0c04 d83408 fc9c14 fff4a0")
def fire(scene: Scene) -> Tensor:
    """Tongues of flame that rise and lick sideways out of the dark."""
    tongues = scene.fbm(3, 4, 0.6, ridged=True, stretch=(2.0, 0.75))
    licking = scene.warp(scene.warp(tongues, 0.24, 4), 0.09, 9)
    body = scene.fbm(2, 2)
    heat = 0.7 * licking**1.5 + 0.3 * (body - 0.5) + 0.7 * (scene.tone - 0.4) + 0.16
    return scene.colour(heat)


@style("lava", "lava; magma; molten lava; volcano", "0c0606 2c1210 a81c08 f87010 ffe060")
def lava(scene: Scene) -> Tensor:
    """Black crust broken by glowing cracks."""
    plates = voronoi(scene, scene.uniform(6, 9))
    crack = 1 - smoothstep(scene.warp(plates.border, 0.09, 6), 0.02, 0.1 + 0.3 * scene.tone)
    crust = scene.fbm(8, 4, 0.65, ridged=True)
    heat = 0.6 * crack + 0.22 * crust * (1 - crack) + 0.65 * (scene.tone - 0.2)
    return scene.colour(heat)


@style(
    "snow", "snowy; snow; snowfall; winter; covered in snow", "1c2c44 486488 8ca8c8 dce8f4 ffffff"
)
def snow(scene: Scene) -> Tensor:
    """White caps on what faces up, cool blue shadows under them, and falling flakes."""
    relief = 0.62 * blur(scene.tone, 0.02) + 0.38 * scene.fbm(4, 4)
    _, down = scene.gradient(relief)
    mound = scene.fbm(3, 4, stretch=(0.8, 1.4))
    cap = smoothstep(down * 0.1 + 0.6 * (mound - 0.5) + 0.8 * (scene.tone - 0.6), 0.0, 0.2)
    under = 0.75 * scene.tone + 0.3 * (scene.noise(30) - 0.4)
    shadow = scene.colour(under.clamp(0, 0.6))
    drift = scene.colour(0.62 + 0.3 * scene.tone + 0.08 * scene.noise(60) - 0.3 * scene.drawn)
    picture = mix(shadow, drift, cap)
    for cells, size in ((7, 0.1), (13, 0.13)):
        flakes = voronoi(scene, cells)
        radius = size * (0.5 + flakes.chance(0))
        flake = 1 - smoothstep(flakes.near, radius * 0.6, radius * 1.3)
        picture = mix(picture, flat("ffffff"), flake * (flakes.chance(1) > 0.3))
    return picture


@style("ice", "ice; frozen; frost; icy; glacier", "144c84 4494c0 98d0e8 f0fcff")
def ice(scene: Scene) -> Tensor:
    """Blue ice: clear plates split by white cracks, frost needles, trapped air."""
    needles = scene.fbm(5, 4, 0.6, ridged=True)
    plates = voronoi(scene, scene.uniform(3, 4.5))
    shifted = scene.warp(plates.border, 0.06, 8)
    crack = 1 - smoothstep(shifted, 0.0, 0.05)
    halo = 1 - smoothstep(shifted, 0.0, 0.3)
    branch = scene.warp(voronoi(scene, 8).border, 0.06, 12)
    twig = (1 - smoothstep(branch, 0.0, 0.06)) * smoothstep(scene.noise(3), 0.4, 0.6)
    air = voronoi(scene, 18)
    pearl = bump(air.near, 0.1) * (air.chance(0) > 0.75)
    tint = 0.24 * needles + 0.75 * (scene.tone - 0.1) + 0.12 * plates.chance(0)
    frost = 0.7 * crack + 0.25 * halo * needles + 0.4 * twig + 0.5 * pearl
    return mix(scene.colour(tint), flat("fafeff"), frost.clamp(0, 0.92))


@style(
    "ocean", "water; ocean; sea waves; water ripples; waves", "041c34 0c4c74 2c84ac 84c4d8 e4f8fc"
)
def sea(scene: Scene) -> Tensor:
    """Rows of swell, darker in the troughs, with broken white crests."""
    _, y = scene.coordinates()
    bend = scene.fbm(3, 3)
    swell = (y + 0.09 * bend) * scene.uniform(6, 9) + 1.3 * scene.fbm(2.5, 2)
    crest = wave(swell) ** 1.6
    chop = scene.fbm(9, 3, stretch=(0.5, 1.4))
    tint = 0.35 * crest * (0.5 + chop) + 0.65 * scene.tone - 0.3 * scene.drawn
    foam = smoothstep(crest * (0.4 + 0.5 * chop + 0.3 * scene.tone), 0.68, 0.86)
    return mix(scene.colour(tint.clamp(0, 0.85)), flat("e8f4f8"), 0.7 * foam)


@style(
    "underwater",
    "underwater; deep sea; under the sea; underwater light",
    "02202c 04586c 189ca4 64d8cc e0fff4",
)
def underwater(scene: Scene) -> Tensor:
    """A web of light on the sea floor, shafts from above, and rising bubbles."""
    x, y = scene.coordinates()
    net = voronoi(scene, scene.uniform(5, 8))
    web = (1 - smoothstep(scene.warp(net.border, 0.12, 5), 0.0, 0.26)) ** 2
    shaft = scene.fbm(3, 2, stretch=(2.5, 0.3))
    depth = 0.22 * (1 - y / scene.scale)
    tint = 0.6 * scene.tone + 0.24 * web + 0.28 * (shaft - 0.4) + depth
    bubbles = voronoi(scene, 9, at=(x, y))
    size = 0.05 + 0.13 * bubbles.chance(0)
    ring = bump(bubbles.near - size, 0.025) * (bubbles.chance(1) > 0.7)
    return mix(scene.colour(tint), flat("e8fffc"), 0.7 * ring)


@style("dune", "desert sand; sand; desert; dunes; sand dunes; sandy", "6c4820 b08448 dcb474 f4dcac")
def dunes(scene: Scene) -> Tensor:
    """Wind ripples with a sunlit and a shaded side, bent over low dunes."""
    x, y = scene.coordinates()
    hill = scene.fbm(1.6, 2)
    ripples = (y + 0.22 * x) * scene.uniform(10, 15) + 3.2 * hill + 0.5 * scene.noise(5)
    saw = fraction(ripples)
    ripple = torch.where(saw < 0.78, saw / 0.78, (1 - saw) / 0.22)
    tint = 0.22 + 0.4 * ripple + 0.4 * (scene.tone - 0.35) + 0.2 * (hill - 0.5)
    grains = 0.9 + 0.2 * scene.noise(80)
    return scene.colour(tint) * grains


@colourable("bubble", "bubbles; soap bubbles; foam", "1c3c74 4c88c4 98c4e8 e4f0f8")
def bubbles(scene: Scene) -> Tensor:
    """Soap bubbles: thin iridescent rims and a white window of light in each."""
    picture = scene.colour(0.05 + 0.75 * scene.tone - 0.3 * scene.drawn)
    for layer in range(2):
        cells = voronoi(scene, scene.uniform(4, 8), jitter=0.7, shift=0.29 * layer)
        radius = 0.26 + 0.2 * cells.chance(0)
        inside = 1 - smoothstep(cells.near, radius - 0.02, radius)
        rim = torch.exp(-(((cells.near - radius) / (0.3 * radius)) ** 2)) * inside
        phase = cells.bearing / (2 * math.pi) + 2 * cells.near
        film = torch.cat([wave(phase + k / 3) for k in (0, 1, 2)], dim=1)
        window = spot(cells.offset_x + 0.42 * radius, cells.offset_y + 0.42 * radius, 0.07)
        picture = mix(picture, 0.5 + 0.4 * film, 0.6 * rim * (0.4 + 0.6 * scene.tone))
        picture = picture + 0.12 * rim + 0.5 * window
    return picture
