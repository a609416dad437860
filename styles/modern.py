"""Styles after modern art and design: planes, grids, circles, drips, ornaments."""

import math

import torch
from torch import Tensor

from styles.cells import scallops, voronoi
from styles.curves import bump, fraction, nearest_line, rotate, scatter, smoothstep, wave
from styles.fields import blur, stretch_to_unit
from styles.palettes import flat
from styles.record import colourable, style
from styles.scene import Scene, mix


@colourable(
    "cubism",
    "cubism; cubist painting; picasso; pablo picasso; cubist",
    "241810 684830 a88458 d4b888 ece0c8",
    "2c2018 8c5c3c c89868 a8a48c e4d8b8",
    "1c2428 4c5c60 8c8c7c c8a878 ecdcbc",
)
def cubism(scene: Scene) -> Tensor:
    """Splintered planes in earth colours, each shaded to one edge and seen from its own side."""
    x, y = scene.coordinates()
    x = x - 0.5 * scene.scale * scene.aspect
    y = y - 0.5 * scene.scale
    plane = scene.uniform(1, 90) + 0 * x
    shade, lines = torch.zeros_like(x), torch.zeros_like(x)
    for cut in range(9 + round(2 * scene.scale)):
        angle = math.pi * scatter(plane, torch.full_like(x, cut + 0.2))
        place = (scatter(plane, torch.full_like(x, cut + 0.6)) - 0.5) * 0.9 * scene.scale
        along, across = rotate(x, y, angle)
        across = across - place
        if cut % 3 == 1:
            across = across + 0.5 * along**2
        side = (across > 0).float()
        weight = scatter(plane, torch.full_like(x, cut + 0.9))
        shade = shade + (side - 0.5) * torch.exp(-across.abs() * 7) * weight
        lines = torch.maximum(lines, bump(across, 0.007) * (weight > 0.25))
        plane = plane * 1.37 + side * 11.3 + 1.7
    zero = torch.zeros_like(x)
    own = scatter(plane, zero)
    seen_x = x + 0.5 * scene.scale * scene.aspect + 0.08 * (own - 0.5)
    seen_y = y + 0.5 * scene.scale + 0.08 * (scatter(plane, zero + 1) - 0.5)
    seen = scene.sample(scene.tone, seen_x, seen_y)
    tint = 0.3 * own + 0.7 * seen - 0.02 - 0.6 * shade - 0.3 * scene.drawn
    brush = 0.84 + 0.3 * scene.noise(26, (1.0, 2.5))
    cool = (scatter(plane, zero + 2) > 0.6).float() * 0.6
    paint = scene.colour(tint)
    paint = mix(paint, flat("64788c") * (0.45 + 0.9 * tint.clamp(0, 1)), cool)
    return paint * brush * (1 - 0.85 * lines)


@style(
    "kandinsky",
    "kandinsky; wassily kandinsky; abstract circles; abstract art",
    "1c1c2c 2868b0 d83030 38a078 f0b028 f4ece0",
)
def abstract_circles(scene: Scene) -> Tensor:
    """Concentric rings, and straight lines across a pale ground."""
    x, y = scene.coordinates()
    cells = voronoi(scene, scene.uniform(3, 5), jitter=0.7)
    rings = (cells.near * scene.uniform(6, 9)).floor()
    hue = 0.6 * scatter(rings, (cells.chance(0) * 97).floor()) + 0.4 * scene.tone
    colour = scene.swatch(hue)
    size = 0.16 + 0.36 * cells.chance(1)
    inside = (1 - smoothstep(cells.near, size - 0.02, size + 0.02)) * scene.calm_at(cells)
    wash = mix(scene.colour(0.9 * scene.tone + 0.2 * scene.noise(2)), flat("f4ecd8"), 0.4)
    ground = wash * (0.6 + 0.4 * scene.tone)
    lines = torch.zeros_like(x)
    for _ in range(4):
        centre_x, centre_y = scene.point()
        _, across = rotate(x - centre_x, y - centre_y, scene.uniform(0, math.pi))
        lines = torch.maximum(lines, bump(across, 0.008))
    picture = mix(ground, colour * (0.85 + 0.2 * scene.tone), inside)
    return picture * (1 - 0.9 * lines.maximum(scene.drawn))


@style("mondrian", "mondrian; piet mondrian; de stijl", "1c40a8 e02018 f0d020")
def primary_grid(scene: Scene) -> Tensor:
    """White and primary-coloured rectangles between thick black bars."""
    x, y = scene.coordinates()
    column, row, bars = torch.zeros_like(x), torch.zeros_like(x), torch.zeros_like(x)
    count = max(3, round(4 * scene.scale))
    for axis, other in ((x, y), (y, x)):
        for bar in range(count):
            place = (bar + scene.uniform(0.15, 0.85)) * scene.scale / count
            start = scene.uniform(-0.6, 0.4) * scene.scale
            shown = (other > start).float()
            bars = torch.maximum(bars, shown * (1 - smoothstep((axis - place).abs(), 0.014, 0.02)))
            step = (axis > place).float() * shown
            if axis is x:
                column = column + step * (bar + 1.3)
            else:
                row = row + step * (bar + 1.7)
    number = scatter(column, row)
    coloured = (number > 0.42).float()
    primary = scene.swatch(scatter(row + 3, column + 5)) * (0.45 + 0.55 * scene.tone)
    plane = mix(flat("ece8de") * (0.4 + 0.6 * scene.tone), primary, coloured)
    return plane * (1 - 0.9 * bars.maximum(scene.drawn))


@style(
    "klimt",
    "klimt; gustav klimt; the kiss by gustav klimt; art nouveau; golden ornaments",
    "3c2408 8c5c14 d0982c f0cc5c fcf0b8",
)
def gold_ornament(scene: Scene) -> Tensor:
    """Gold leaf set with spirals, eyes, checks and coloured plates."""
    cells = voronoi(scene, scene.uniform(5, 7), jitter=0.45, metric="square")
    leaf = scene.fbm(7, 4, 0.65)
    gold = scene.colour(0.3 * leaf + 0.75 * scene.tone - 0.35 * scene.drawn)
    turns = cells.near * 3.2 + cells.bearing / (2 * math.pi) + cells.chance(1)
    spiral = smoothstep(wave(turns), 0.45, 0.6)
    rings = smoothstep(wave(cells.near * 3.4 + 0.2), 0.45, 0.6)
    checks = ((cells.offset_x * 5).floor() + (cells.offset_y * 5).floor()) % 2
    lens = (cells.offset_x.abs() * 0.9) ** 1.5 + (cells.offset_y.abs() * 1.9) ** 1.5
    eye = smoothstep(wave(lens * 3.2 + 0.1), 0.4, 0.6)
    kind = cells.chance(0)
    motif = torch.where(kind < 0.3, spiral, torch.where(kind < 0.52, rings, checks))
    motif = torch.where(kind > 0.78, eye, motif)
    plain = (cells.chance(2) < 0.2) | (scene.calm_at(cells) < 0.5)
    plate = flat("181410") + 0 * gold
    for share, colour in ((0.62, "a83820"), (0.76, "2c5c50"), (0.88, "e4dcc8")):
        plate = torch.where(cells.chance(1) > share, flat(colour), plate)
    inlay = mix(plate * (0.6 + 0.6 * scene.tone), gold, motif)
    picture = torch.where(plain, gold, inlay)
    rim = 1 - smoothstep(cells.border, 0.03, 0.09)
    speck = (scene.noise(60) > 0.86).float() * 0.12
    return mix(picture, gold * 1.1, rim) + speck * scene.tone


@style(
    "rothko",
    "rothko; mark rothko; colour field; color field painting; color field",
    "4c1420 8c1c18 e05020 f4a030",
    "182050 3c54a8 c04858 e8a868",
    "c83c4c e87828 f0c030 f4e4c8",
)
def colour_field(scene: Scene) -> Tensor:
    """Large soft-edged bars of thin glowing paint, one above the other."""
    x, y = scene.coordinates()
    feather = 0.05 * (scene.noise(14) - 0.5) + 0.03 * (scene.noise(40) - 0.5)
    down = y * scene.uniform(1.6, 2.4) + scene.uniform()
    across = x * 0.5 + scene.uniform(0.0, 0.4)
    row = (down + feather).floor()
    gap_y = nearest_line(down + feather)
    gap_x = nearest_line(across + feather)
    bar = smoothstep(gap_y, 0.05, 0.1) * smoothstep(gap_x, 0.03, 0.07)
    salt = scene.uniform(0, 50)
    hue = scene.swatch(scatter(row + salt, (across + feather).floor()))
    scrub = scene.fbm(5, 4, 0.6, stretch=(0.7, 1.6)) - 0.5
    weave = scene.noise(60) - 0.5
    ground = scene.swatch(scatter(salt, salt) + 0 * x) * 0.45
    paint = mix(ground, hue, bar)
    return paint * (0.5 + 0.6 * scene.tone + 0.3 * scrub + 0.06 * weave)


@style(
    "pollock",
    "pollock drip painting; pollock; jackson pollock; drip painting; paint splatter",
    "0c0c0c 101010 7c8890 c87828 f0ece4",
    "101010 2c5088 c03028 e8c030 f0ece4",
)
def drip_painting(scene: Scene) -> Tensor:
    """Tangled threads of poured enamel and splashes on raw canvas."""
    canvas = flat("d8cab0") * (0.2 + 0.8 * scene.tone) * (0.94 + 0.1 * scene.noise(60))
    picture = canvas.expand(scene.content.shape)
    shown = 0.35 + 0.65 * scene.calm
    for layer in range(5):
        ink = scene.swatch((scene.uniform(-0.3, 0.3) + scene.tone).clamp(0, 1))
        loops = scene.warp(scene.fbm(2.4, 2), 0.5, 4) * 4 + 0.7 * scene.tone
        weight = 0.006 + 0.018 * scene.noise(7) ** 2
        thread = smoothstep(scene.contours(loops + scene.uniform(), weight), 0.35, 0.6)
        drops = voronoi(scene, 9 + 2 * layer)
        size = 0.02 + 0.2 * drops.chance(0) ** 4
        splash = 1 - smoothstep(drops.near + 0.05 * scene.noise(40), size, size + 0.05)
        picture = mix(picture, ink, torch.maximum(thread, splash) * shown)
    return picture * (1 - 0.6 * scene.drawn)


@style(
    "matisse",
    "matisse; henri matisse; paper cutouts; matisse cutouts",
    "1c48a8 20885c f0503c e0609c f8c030 f8f0dc",
    "104878 c83050 50a8a0 e88830 f4e8d0",
)
def paper_cutouts(scene: Scene) -> Tensor:
    """Waving fronds and stars cut from painted paper, on bright rectangles."""
    x, y = scene.coordinates()
    panels = voronoi(scene, scene.uniform(2.4, 3.2), jitter=0.25, metric="square")
    hue = 0.5 * panels.chance(0) + 0.5 * blur(scene.tone, 0.02)
    ground = scene.swatch(hue) * (0.9 + 0.1 * scene.noise(40))
    cells = voronoi(scene, scene.uniform(2.8, 3.8), jitter=0.4, at=(x + 0.1, y + 0.05))
    arms = 4 + (cells.chance(1) * 4).floor()
    turn = cells.bearing * arms + 6.3 * cells.chance(2)
    lobes = 0.34 + 0.15 * torch.cos(turn + 2.2 * cells.near) + 0.05 * torch.cos(2 * turn)
    calm = scene.calm_at(cells)
    inside = smoothstep(lobes - cells.near, 0.0, 0.03) * calm
    shadow = smoothstep(lobes - cells.near, -0.07, 0.0) * 0.25 * calm
    paper = scene.swatch(fraction(panels.chance(0) + 0.2 + 0.6 * cells.chance(0)))
    light = 0.5 + 0.5 * scene.tone - 0.3 * scene.drawn
    return mix(ground * (1 - shadow), paper, inside) * light


@style(
    "artdeco",
    "art deco; great gatsby; art deco pattern; gold and black fans",
    "06080c 1c2c34 b08430 e8c468 fcf0c0",
    "04060c 142448 b08838 ecca70 fcf0c4",
)
def art_deco(scene: Scene) -> Tensor:
    """Fans of thin gold lines on a dark ground."""
    fans = scallops(scene, scene.uniform(3.2, 4.4))
    arcs = bump(nearest_line(fans.radius * 5), 0.1)
    ray_phase = fans.bearing * 18 / (2 * math.pi)
    rays = bump(nearest_line(ray_phase) * fans.radius, 0.03) * (fans.radius > 0.36)
    sunburst = (fans.random > 0.5).float()
    drawn = mix(arcs, torch.maximum(rays, bump(fans.radius - 0.36, 0.03)), sunburst)
    rim = smoothstep(fans.radius, 0.91, 0.95)
    heart = 1 - smoothstep(fans.radius, 0.12, 0.16)
    line = drawn.maximum(rim).maximum(heart)
    sheen = 0.5 + 0.45 * scene.tone + 0.3 * (scene.noise(5) - 0.5)
    ground = scene.colour(0.04 + 0.36 * scene.tone)
    line = line * (0.5 + 0.5 * scene.calm)
    return mix(ground, scene.colour(sheen), line) * (1 - 0.5 * scene.drawn)


@colourable(
    "opart",
    "op art; optical illusion; victor vasarely; checkerboard; bridget riley",
    "080808 f8f8f8",
    detail=0.6,
)
def op_art(scene: Scene) -> Tensor:
    """A black and white checkerboard that bulges and dives."""
    hills = 0.5 * scene.noise(2) + 0.35 * blur(scene.tone, 0.02)
    push = 0.26 * stretch_to_unit(hills)
    along, across = rotate(*scene.coordinates(), scene.uniform(-0.5, 0.5))
    frequency = scene.uniform(8, 10)
    u = torch.sin(math.pi * (along + push) * frequency)
    v = torch.sin(math.pi * (across - push) * frequency)
    white = smoothstep(u * v + 0.25 * (scene.tone - 0.5), -0.08, 0.08)
    return scene.colour(0.08 + 0.84 * white - 0.4 * scene.drawn)
