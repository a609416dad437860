"""Styles of thread and cloth: knitting, weaving, stitches, tartan, lace, carpets, prints."""

import math

import torch
from torch import Tensor

from styles.cells import capsule, stamp, voronoi
from styles.curves import bump, fraction, nearest_line, rotate, scatter, smoothstep, wave
from styles.fields import stretch_to_unit
from styles.flow import strokes
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@colourable(
    "knit",
    "knitted; knitting; crochet; sweater; knitwear",
    "5c1418 a83034 d86c64 f4c8b8",
    "142c54 34609c 7ca4d0 d8e8f8",
)
def knitting(scene: Scene) -> Tensor:
    """Columns of V-shaped stitches in thick yarn."""
    x, y = scene.coordinates()
    frequency = scene.uniform(9, 13)
    column = fraction(x * frequency)
    side = (column - 0.5).abs()
    row = y * frequency * 1.25 - 1.35 * side
    yarn = wave(row)
    strand = wave(6 * (row + 2.2 * side)) * 0.16
    valley = smoothstep(side, 0.4, 0.5) + smoothstep(0.1 - side, 0.0, 0.1)
    tint = 0.02 + 0.3 * yarn + strand + 0.7 * scene.tone - 0.25 * valley
    return scene.colour(tint + 0.16 * (scene.noise(64) - 0.5)) * (0.68 + 0.42 * yarn)


@colourable(
    "fabric",
    "fabric; woven cloth; canvas; burlap; linen",
    "3c3428 847454 c0ac84 ece4d0",
    "4c3c24 8c744c c4ac7c ece0c0",
)
def weave(scene: Scene) -> Tensor:
    """Threads crossing over and under."""
    x, y = scene.coordinates()
    frequency = scene.uniform(13, 19)
    across, down = x * frequency, y * frequency
    over = (across.floor() + down.floor()) % 2
    warp_thread = torch.sin(math.pi * fraction(across))
    weft_thread = torch.sin(math.pi * fraction(down))
    thread = torch.where(over > 0.5, warp_thread, weft_thread)
    slub = scene.noise(26, (2.0, 0.5)) - 0.5
    tint = 0.14 + 0.5 * thread + 0.36 * (scene.tone - 0.35) + 0.2 * slub + 0.14 * (over - 0.5)
    return scene.colour(tint)


@style("wool", "white wool; wool; woolly; woollen", "78706a c0bab4 eeeae4 ffffff", detail=0.7)
def chunky_wool(scene: Scene) -> Tensor:
    """Very thick loose stitches of soft wool, with a halo of stray hairs."""
    x, y = scene.coordinates()
    bend = 0.03 * (scene.noise(8) - 0.5)
    frequency = scene.uniform(4.2, 6)
    column = fraction((x + bend) * frequency)
    side = (column - 0.5).abs()
    row = (y + bend) * frequency * 1.15 - 1.3 * side
    across = fraction(row) - 0.5
    yarn = (1 - (2 * across.abs()) ** 2.2).clamp(min=0) ** 0.6
    round_side = 1 - (4 * (side - 0.25).abs()) ** 3
    ply = wave(3 * across + 5 * side * torch.sign(column - 0.5) + 4 * row)
    lay = 0.9 * torch.sign(column - 0.5)
    hairs = strokes(scene, lay + 2.5 * (scene.noise(6) - 0.5), reach=0.05, cells=80, steps=5) - 0.5
    body = yarn * round_side.clamp(min=0)
    tint = 0.6 * body + 0.2 * ply + 0.36 * hairs + 0.35 * scene.tone - 0.05
    return scene.colour(tint)


@colourable(
    "embroidery",
    "embroidery; embroidered; satin stitch; needlework; thread art",
    "20306c 2c7c8c d8482c 5ca04c e8b830 f4e4d0",
    "4c1448 a82858 487c60 e87050 f0b858 f8ecd8",
)
def embroidery(scene: Scene) -> Tensor:
    """Satin stitches of shiny thread, each field in its own direction, on linen."""
    region = stretch_to_unit(scene.tone + 0.15 * scene.noise(2.5))
    step = (region * 5.9).floor()
    angle = step * 2.2 + scene.uniform(0, math.pi)
    x, y = scene.coordinates()
    linen = 0.82 + 0.1 * wave(x * 40) * wave(y * 40)
    picture = flat("e8dcc4") * linen * (0.7 + 0.3 * scene.tone)
    for frequency in (14.0, 18.0):
        thread = stamp(scene, frequency, (1.1, 0.2), angle, spread=0.06, outline=capsule)
        hue = scene.swatch(0.1 * (thread.chance(0) - 0.5) + step / 6 + 0.08)
        sheen = 0.72 + 0.36 * (1 - thread.across.square()) + 0.2 * thread.along
        twist = 0.1 * (wave(thread.along * 4 + thread.across) - 0.5)
        light = 0.82 + 0.36 * scene.tone
        picture = mix(picture * 0.92, hue * (sheen + twist) * light, thread.cover)
    return picture


@colourable(
    "crossstitch",
    "cross stitch; cross-stitch; counted stitches; needlepoint",
    "1c2450 285c8c d83c3c 4c9468 f0a83c f8e8c0",
)
def cross_stitch(scene: Scene) -> Tensor:
    """Small crosses of thread, one to each square of pale cloth."""
    frequency = scene.uniform(17, 21)
    squares = voronoi(scene, frequency, jitter=0.0, metric="square")
    u, v = squares.offset_x, squares.offset_y
    first = 1 - smoothstep((u - v).abs(), 0.16, 0.26)
    second = 1 - smoothstep((u + v).abs(), 0.16, 0.26)
    inside = 1 - smoothstep(torch.maximum(u.abs(), v.abs()), 0.42, 0.5)
    level = scene.tone_at(squares) + 0.1 * (scene.noise(3) - 0.5)
    hue = scene.swatch((level * 5.9).floor() / 6 + 0.1) * (0.9 + 0.2 * squares.chance(0))
    cloth = flat("f0e8d8") * (0.78 + 0.2 * wave(u * 3) * wave(v * 3)) * (0.8 + 0.2 * scene.tone)
    stitched = mix(cloth, hue * (0.82 + 0.2 * v), first * inside)
    return mix(stitched, hue * (1.05 - 0.25 * bump(u - v, 0.1)), second * inside)


@colourable(
    "tartan",
    "tartan; plaid; scottish tartan; checkered cloth; flannel",
    "b01820 143c28 101c3c f0d840",
    "143c78 0c5038 101820 e8e0d0",
    "1c5c38 14284c 8c1820 f0e8d8",
)
def tartan(scene: Scene) -> Tensor:
    """Checks of crossing coloured bands in a diagonal twill."""
    x, y = scene.coordinates()
    frequency = scene.uniform(2.2, 3.0)
    turn = scene.chance(0.3) * math.pi / 4
    u, v = rotate(x * frequency, y * frequency, turn)
    start = scene.uniform()
    warp_hue, weft_hue = _sett(scene, fraction(u + start)), _sett(scene, fraction(v + start))
    twill = wave((u + v) * 14)
    over = smoothstep(twill, 0.4, 0.6)
    thread = 0.88 + 0.16 * wave(u * 40) * wave(v * 40)
    light = 0.4 + 0.8 * scene.tone - 0.3 * scene.drawn
    return mix(warp_hue, weft_hue, over) * thread * light


def _sett(scene: Scene, place: Tensor) -> Tensor:
    """The order of coloured bands across one repeat of a tartan, mirrored."""
    half = (place - 0.5).abs() * 2
    hue = scene.swatch(0.05 + 0 * half)
    bands = ((0.3, 0.62, 0.4), (0.66, 0.7, 0.7), (0.44, 0.48, 0.95), (0.0, 0.05, 0.95))
    for low, high, colour in bands:
        inside = ((half >= low) & (half < high)).float()
        hue = mix(hue, scene.swatch(colour + 0 * half), inside)
    return hue


@style("denim", "denim; jeans; blue jeans; jean fabric", "0c1830 24406c 5478a4 a4bcd4")
def denim(scene: Scene) -> Tensor:
    """Faded indigo twill with orange double stitching."""
    x, y = scene.coordinates()
    twill = wave((x + 0.9 * y) * scene.uniform(22, 28) + 0.5 * scene.noise(20))
    slub = scene.noise(50, (2.0, 0.4)) - 0.5
    worn = scene.fbm(2, 3) - 0.5
    tint = 0.26 + 0.26 * twill + 0.2 * slub + 0.3 * worn + 0.42 * (scene.tone - 0.4)
    cloth = scene.colour(tint)
    u, v = rotate(x, y, scene.chance(0.5) * math.pi / 2 + scene.uniform(-0.2, 0.2))
    seam = v * 1.3 + scene.uniform()
    pair = bump(nearest_line(seam).sub(0.035), 0.011)
    stitch = pair * (wave(u * 14) > 0.3)
    fold = bump(nearest_line(seam), 0.016)
    return mix(cloth * (1 - 0.35 * fold), flat("e0963c"), stitch)


@colourable(
    "lace",
    "lace; white lace; crocheted lace; doily",
    "1c1420 504858 b8b4b4 fcfaf4",
    "0c1420 384450 a8b0b8 f8f8f4",
    detail=0.7,
)
def lace(scene: Scene) -> Tensor:
    """White thread flowers and fine net over a dark ground."""
    x, y = scene.coordinates()
    rising = nearest_line((x + y) * 17)
    falling = nearest_line((x - y) * 17)
    net = torch.minimum(rising, falling)
    mesh = 0.45 * bump(net, 0.12)
    cells = voronoi(scene, scene.uniform(3.2, 4.2), jitter=0.25)
    petal = 0.33 + 0.07 * torch.cos(8 * cells.bearing)
    inside = smoothstep(petal - cells.near, 0.0, 0.02)
    rim = bump(cells.near - petal, 0.035)
    ring = bump(cells.near - 0.13, 0.022)
    spokes = bump(nearest_line(cells.bearing * 8 / (2 * math.pi)) * cells.near, 0.03)
    fill = 0.35 + 0.25 * wave(cells.near * 14)
    flower = torch.maximum(torch.maximum(rim, ring), torch.maximum(0.8 * spokes, fill)) * inside
    thread = torch.where(inside > 0.5, flower, torch.maximum(mesh, rim)).clamp(0, 1)
    ground = scene.colour(0.04 + 0.24 * scene.tone)
    return mix(ground, scene.colour(0.75 + 0.25 * scene.tone), thread)


@style("wicker", "wicker; basket weave; basket; rattan; woven straw", "2c1808 745028 b48c50 e0c488")
def wicker(scene: Scene) -> Tensor:
    """Basketwork: round canes woven over upright stakes."""
    x, y = scene.coordinates()
    frequency = scene.uniform(6, 8)
    across, down = x * frequency, y * frequency * 1.7
    row = down.floor()
    phase = across + 0.5 * (row % 2)
    over = wave(phase * 0.5)
    cane = torch.sin(math.pi * fraction(down)).clamp(min=0) ** 0.7
    swell = torch.sin(math.pi * fraction(phase)).abs()
    stake = (1 - smoothstep(nearest_line(phase), 0.08, 0.16)) * (1 - cane * 0.6)
    fibre = scene.noise(60, (0.4, 2.0)) - 0.5
    tint = 0.1 + 0.5 * cane * (0.45 + 0.55 * swell) + 0.12 * over + 0.22 * fibre
    tint = tint + 0.45 * (scene.tone - 0.4) + 0.12 * scatter(row, phase.floor())
    return scene.colour(tint) * (1 - 0.35 * stake)


@style(
    "rug",
    "persian carpet; persian rug; carpet; oriental rug; kilim",
    "142850 7c1018 20503c c83828 e8c890 f0e0c0",
    "182028 601420 203860 a85030 dcb878",
)
def persian_rug(scene: Scene) -> Tensor:
    """A knotted carpet: bordered medallions, mirrored ornaments, short pile."""
    x, y = scene.coordinates()
    frequency = scene.uniform(2.2, 3.0)
    u = (fraction(x * frequency) - 0.5).abs() * 2
    v = (fraction(y * frequency) - 0.5).abs() * 2
    u = (u * 16).floor() / 16
    v = (v * 16).floor() / 16
    lozenge = u + v
    ring = (lozenge * 5).floor()
    ornament = torch.sin(9 * u * (1 + 0.4 * v)) * torch.sin(9 * v * (1 + 0.4 * u))
    salt = scene.uniform(0, 40)
    motif = scatter(ring + salt, (ornament * 1.5).round())
    hue = scene.swatch(0.75 * motif + 0.25 * scene.tone)
    outline = (nearest_line(lozenge * 5) < 0.08).float()
    hue = mix(hue, scene.swatch(scatter(salt, salt) + 0 * u), outline)
    pile = 0.78 + 0.3 * scene.noise(70, (0.7, 1.5)) + 0.08 * wave(y * 60)
    return hue * pile * (0.6 + 0.55 * scene.tone - 0.3 * scene.drawn)


@colourable(
    "polka",
    "polka dots; polka dot; white polka dots; dotted fabric",
    "a01018 d82030 fcf8f4",
    "103c7c 2068b8 fcfcf8",
    "c84880 f070a8 fffafc",
)
def polka_dots(scene: Scene) -> Tensor:
    """Rows of equal round dots on a plain ground."""
    x, y = scene.coordinates()
    frequency = scene.uniform(6, 9)
    u, v = rotate(x * frequency, y * frequency, math.pi / 4 + 0 * frequency)
    distance = (nearest_line(u) ** 2 + nearest_line(v) ** 2).sqrt()
    radius = scene.uniform(0.14, 0.18) + 0.16 * scene.tone
    dot = 1 - smoothstep(distance, radius - 0.03, radius + 0.03)
    ground = scene.entry(0.45) * (0.3 + 0.8 * scene.tone)
    return mix(ground, scene.entry(1.0) * (0.35 + 0.6 * scene.tone), dot)


@colourable(
    "camouflage",
    "camouflage; camo; military camouflage; army pattern",
    "1c1c14 3c4c24 6c5c34 a89c6c",
)
def camouflage(scene: Scene) -> Tensor:
    """Patches of four flat colours, one over the other."""
    picture = scene.swatch(0.0 * scene.tone + 0.95)
    for colour in (0.62, 0.36, 0.1):
        blot = scene.fbm(4.5, 3, 0.45, stretch=(0.8, 1.3)) + 0.5 * (0.5 - scene.tone)
        edge = smoothstep(blot, 0.56, 0.575)
        picture = mix(picture, scene.swatch(colour + 0 * blot), edge)
    weave = 0.94 + 0.1 * scene.noise(80)
    return picture * weave * (0.8 + 0.3 * scene.tone)
