"""Styles of thread, hide, paper, toys and sweets."""

from styles import patterns_craft as craft
from styles import patterns_textile as textile
from styles.palettes import RAINBOW
from styles.recipe import Colouring, Recipe, colours, names

OPTIONAL = Colouring.OPTIONAL

CRAFT: tuple[Recipe, ...] = (
    Recipe(
        "lowpoly",
        names("low poly;polygons;geometric triangles;polygonal"),
        craft.low_poly,
        colours(RAINBOW, "203048 40688c 78a4b4 e0b48c f4e4cc"),
        OPTIONAL,
    ),
    Recipe(
        "embroidery",
        names("embroidery;embroidered;satin stitch;needlework;thread art"),
        textile.embroidery,
        colours(
            "20306c 2c7c8c 5ca04c e8b830 d8482c f4e4d0",
            "4c1448 a82858 e87050 f0b858 487c60 f8ecd8",
        ),
        OPTIONAL,
    ),
    Recipe(
        "crossstitch",
        names("cross stitch;cross-stitch;counted stitches;needlepoint"),
        textile.cross_stitch,
        colours("1c2450 285c8c 4c9468 d83c3c f0a83c f8e8c0"),
        OPTIONAL,
    ),
    Recipe(
        "tartan",
        names("tartan;plaid;scottish tartan;checkered cloth;flannel"),
        textile.tartan,
        colours(
            "b01820 143c28 101c3c f0d840",
            "143c78 0c5038 101820 e8e0d0",
            "1c5c38 14284c 8c1820 f0e8d8",
        ),
        OPTIONAL,
    ),
    Recipe(
        "denim",
        names("denim;jeans;blue jeans;jean fabric"),
        textile.denim,
        colours("0c1830 24406c 5478a4 a4bcd4"),
    ),
    Recipe(
        "lace",
        names("lace;white lace;crocheted lace;doily"),
        textile.lace,
        colours("180c10 4c3840 b0a8a4 f8f4ec", "0c1420 384450 a8b0b8 f8f8f4"),
        OPTIONAL,
    ),
    Recipe(
        "leather",
        names("leather;brown leather;leather hide;saddle leather"),
        textile.leather,
        colours("140804 4c2410 8c4c24 c08854", "100804 381c14 743820 ac6c48"),
        OPTIONAL,
    ),
    Recipe(
        "wicker",
        names("wicker;basket weave;basket;rattan;woven straw"),
        textile.wicker,
        colours("2c1808 745028 b48c50 e0c488"),
    ),
    Recipe(
        "rug",
        names("persian carpet;persian rug;carpet;oriental rug;kilim"),
        textile.persian_rug,
        colours("7c1018 c83828 142850 e8c890 20503c f0e0c0", "601420 a85030 203860 dcb878 182028"),
        shuffle=True,
    ),
    Recipe(
        "polka",
        names("polka dots;polka dot;white polka dots;dotted fabric"),
        textile.polka_dots,
        colours("a01018 d82030 fcf8f4", "103c7c 2068b8 fcfcf8", "c84880 f070a8 fffafc"),
        OPTIONAL,
    ),
    Recipe(
        "camouflage",
        names("camouflage;camo;military camouflage;army pattern"),
        textile.camouflage,
        colours("1c1c14 3c4c24 6c5c34 a89c6c"),
        OPTIONAL,
    ),
    Recipe(
        "origami",
        names("origami;folded paper;paper;origami paper;paper craft"),
        craft.origami,
        colours(
            "e85048 f0a048 f4d878 58a89c 3c6898 f4ece0",
            "d87898 f0b8a8 f4e4c8 98c0b8 6c88b0",
        ),
        OPTIONAL,
        shuffle=True,
    ),
    Recipe(
        "beads",
        names("beads;beadwork;glass beads;pearls"),
        craft.beads,
        colours(RAINBOW, "18305c 2878a8 e8c840 d84830 f4ecdc 38a080"),
        OPTIONAL,
    ),
    Recipe(
        "lego",
        names("lego;lego bricks;toy bricks;building blocks;plastic bricks"),
        craft.toy_bricks,
        colours("d01c14 0c54b0 f8cc14 189444 f4f4f0 303438"),
        OPTIONAL,
        shuffle=True,
    ),
    Recipe(
        "steampunk",
        names("steampunk;gears;cogwheels;clockwork;brass machine"),
        craft.gears,
        colours("140c08 4c2c14 9c6828 d8a850 f8e4a8"),
    ),
    Recipe(
        "candy",
        names("candy;sweets;jelly beans;sugar candy;lollipops"),
        craft.candy,
        colours("f02860 ff9020 ffe030 40c860 38a8f0 c060e0", "ff80b0 ffd0a0 fff0a0 a0e8c0 a8d8ff"),
        shuffle=True,
    ),
    Recipe(
        "chocolate",
        names("chocolate;chocolate bar;dark chocolate;cocoa"),
        craft.chocolate,
        colours("140804 3c1c0c 6c3c20 a8744c", "241008 542c14 8c5430 c89868"),
    ),
    Recipe(
        "jigsaw",
        names("jigsaw puzzle;jigsaw;puzzle;puzzle pieces"),
        craft.jigsaw,
        colours("2858a0 48a868 f0c038 e06838 f4e8d0"),
        shuffle=True,
    ),
    Recipe(
        "fur",
        names("fur;fluffy;furry;hairy"),
        textile.fur,
        colours("2c1c10 745034 b08c64 e0c8a0", "28282c 78787c b8b8bc f0f0f0"),
        OPTIONAL,
    ),
    Recipe(
        "knit",
        names("knitted;knitting;crochet;sweater;knitwear"),
        textile.knitting,
        colours("5c1418 a83034 d86c64 f4c8b8", "142c54 34609c 7ca4d0 d8e8f8"),
        OPTIONAL,
    ),
    Recipe(
        "wool",
        names("white wool;wool;woolly;woollen"),
        textile.chunky_wool,
        colours("74685c b4a898 e0d8cc fcf8f0"),
    ),
    Recipe(
        "fabric",
        names("fabric;woven cloth;canvas;burlap;linen"),
        textile.weave,
        colours("3c3428 847454 c0ac84 ece4d0", "4c3c24 8c744c c4ac7c ece0c0"),
        OPTIONAL,
    ),
    Recipe(
        "honeycomb",
        names("honeycomb;hexagons;hexagonal"),
        craft.honeycomb,
        colours("3c1c04 a86010 e8a41c fcd860"),
        OPTIONAL,
    ),
)
