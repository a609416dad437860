"""Styles of print and screen."""

from styles import patterns_graphic as graphic
from styles import patterns_print as prints
from styles.recipe import Colouring, Recipe, colours, names

OPTIONAL = Colouring.OPTIONAL

SCREEN: tuple[Recipe, ...] = (
    Recipe(
        "woodcut",
        names("woodcut;linocut;engraving;black and white print;etching"),
        prints.woodcut,
        colours("080808 f4f0e4", "101010 fafafa"),
        OPTIONAL,
    ),
    Recipe(
        "blueprint",
        names("blueprint;technical drawing;blue print"),
        prints.blueprint,
        colours("0c2c6c 1c50a4 5c8cd8 f4faff"),
    ),
    Recipe(
        "map",
        names("topographic map;map;contour lines;atlas;contour map"),
        prints.relief_map,
        colours("7cb46c b8d088 e8e0a0 d8b478 b88458 f4f0e8"),
    ),
    Recipe(
        "comic",
        names("comic;comic book;comic strip;superhero comic;cartoon"),
        prints.comic,
        colours("e83028 f8d038 2878d0 f4b890 40a860 f8f4e8"),
        shuffle=True,
    ),
    Recipe(
        "manga",
        names("manga;manga page;black and white manga;screentone"),
        prints.manga,
        colours("080808 fcfcfc"),
    ),
    Recipe(
        "halftone",
        names("halftone;halftone dots;halftone print;risograph"),
        prints.halftone,
        colours("101014 fafaf6"),
        OPTIONAL,
    ),
    Recipe(
        "newspaper",
        names("newspaper;newsprint;old newspaper;newspaper print"),
        prints.newsprint,
        colours("1c1a18 8c8880 e4e0d4", "24201c 988c78 e8dcc0"),
    ),
    Recipe(
        "pop",
        names("pop art;roy lichtenstein;andy warhol;pop art dots"),
        prints.pop_art,
        colours(
            "e01830 1878e0 f8e020 fffaf0",
            "2c1c5c f02080 20c0f0 fff020",
            "d81c1c f8d018 fafafa 20a0e0",
        ),
        shuffle=True,
    ),
    Recipe(
        "pixel",
        names("pixel art;8-bit;minecraft;pixelated;retro video game"),
        graphic.pixel_art,
        colours(
            "1c1c34 3c4c8c 3ca45c e06040 e0c83c f4f0e0",
            "14283c 307c50 8c6438 7cc044 c8c8d0 f8f8f0",
            "0f380f 1c4c18 306230 608818 8bac0f 9bbc0f",
        ),
        OPTIONAL,
    ),
    Recipe(
        "neon",
        names("neon light;neon;neon lights;cyberpunk;glowing neon"),
        graphic.neon,
        colours(
            "f020c0 20e0f8 a040ff 40ff90",
            "ff2880 4060ff 20fff0",
            "ff3050 ff9010 20d0ff e030ff",
        ),
        OPTIONAL,
        shuffle=True,
    ),
    Recipe(
        "psychedelic",
        names("psychedelic;acid;tie dye;trippy;liquid colors"),
        graphic.psychedelic,
        colours("ff2020 ffa010 f8f820 20e040 2060ff c020f0 ff2020"),
    ),
    Recipe(
        "vaporwave",
        names("vaporwave;synthwave;retrowave"),
        graphic.vaporwave,
        colours("28105c 8c2ca4 f04cb0 fc9c9c fce4a0"),
    ),
    Recipe(
        "circuit",
        names("circuit board;computer chip;circuit;electronics"),
        graphic.circuit,
        colours("02100a 083018 106c30 40c860 d0ffb0"),
    ),
    Recipe(
        "matrix",
        names("digital rain;matrix;the matrix;green code;digital matrix"),
        graphic.digital_rain,
        colours("000402 043c14 10a038 60f880"),
    ),
    Recipe(
        "glitch",
        names("glitch art;glitch;vhs;corrupted video;datamosh"),
        graphic.glitch,
        colours("f020a0 20f0e0 f8f020 2040f0 101018"),
    ),
    Recipe(
        "thermal",
        names("thermal camera;heat map;infrared;thermal image;heat vision"),
        graphic.heat_map,
        colours("04041c 28108c 9c18a0 f04830 fcc020 fffce0"),
    ),
    Recipe(
        "xray",
        names("x-ray;xray;radiograph;x ray;medical scan"),
        graphic.x_ray,
        colours("02060c 102c40 4c7c94 b4d8e4 f8ffff"),
    ),
)
