"""Styles of stone, metal, glass and building."""

from styles import patterns_glass as glass
from styles import patterns_material as material
from styles import patterns_stone as stone
from styles.palettes import BRIGHT
from styles.recipe import Colouring, Recipe, colours, names

OPTIONAL = Colouring.OPTIONAL

MATTER: tuple[Recipe, ...] = (
    Recipe(
        "drought",
        names("dry cracked earth;drought;cracked mud;cracked ground;parched earth"),
        stone.dry_earth,
        colours("3c2818 8c6844 bc9870 e4cca4", "2c2018 746048 a89078 d4c0a8"),
    ),
    Recipe(
        "agate",
        names("agate;geode;agate slice;banded gemstone"),
        stone.agate,
        colours(
            "182c50 2c6ca0 78b8d0 f0f4f0 c87848",
            "3c1440 8c3c80 d490b8 fcecf0 784898",
            "4c1c10 a84c20 e09850 fcecd0 884430",
        ),
        OPTIONAL,
    ),
    Recipe(
        "terrazzo",
        names("terrazzo;terrazzo floor;stone chips"),
        stone.terrazzo,
        colours("2c3038 c86848 e0b088 5c8474 9ca0a0", "1c3c54 d88c7c f0c868 84a898 403438"),
    ),
    Recipe(
        "moss",
        names("moss;mossy;covered in moss;lichen;overgrown"),
        stone.moss,
        colours("0c1808 28440c 587c1c 94ac34 ccd86c"),
    ),
    Recipe(
        "raindrops",
        names("raindrops;rain;rainy window;water drops;rain on glass"),
        glass.rain_drops,
        colours("0c1824 2c4860 6c8ca4 b4c8d4"),
    ),
    Recipe(
        "hologram",
        names("holographic;hologram;iridescent;oil slick;holographic foil"),
        glass.oil_slick,
        colours("808080 ffffff"),
    ),
    Recipe(
        "porcelain",
        names("porcelain;blue and white china;delft tile;delftware;chinese porcelain"),
        glass.porcelain,
        colours("0c1c6c 2848a8 a8bce0 fcfcfc", "101860 3450b0 b0c4e8 f8fafc"),
    ),
    Recipe(
        "gothic",
        names("gothic;gothic cathedral;gothic architecture;cathedral;medieval"),
        material.gothic,
        colours("1c1c24 4c4c54 8c8c90 c8c4bc"),
    ),
    Recipe(
        "mosaic",
        names("mosaic;tiles;mosaic tiles;roman mosaic;ceramic tiles"),
        material.mosaic,
        colours(*BRIGHT, "1c5c84 3c9cac e4dcc0 d88c3c 943420"),
        OPTIONAL,
        shuffle=True,
    ),
    Recipe(
        "stained",
        names("stained glass;stained glass window;cathedral window;glass painting"),
        glass.stained_glass,
        colours("b01020 e87818 f4d828 18943c 1848c0 7020a0"),
        OPTIONAL,
        shuffle=True,
    ),
    Recipe(
        "crystal",
        names("crystal;crystals;gems;gemstone;diamond;faceted crystal"),
        glass.crystal,
        colours("182c50 4c7cb4 a0c8e4 e8f8ff", "281040 7444b0 c4a0e8 f8ecff"),
        OPTIONAL,
        reserved=("green",),
    ),
    Recipe(
        "greencrystal",
        names("green crystal;emerald;green crystals;emerald crystal;jade"),
        glass.crystal,
        colours("04281c 0c7444 28b868 a8f0c0", "042c10 148038 50c860 d0f8c0"),
    ),
    Recipe(
        "gold",
        names("golden;gold;gold leaf;shiny gold;golden metal"),
        material.metal,
        colours("2c1804 84540c d4a01c f8d85c fff8c8"),
    ),
    Recipe(
        "silver",
        names("silver;metal;chrome;metallic;steel;iron"),
        material.metal,
        colours("141820 4c545c 949ca4 d0d8dc fcfeff"),
    ),
    Recipe(
        "bronze",
        names("bronze;copper;hammered copper"),
        material.hammered_metal,
        colours("1c0c04 6c3010 b46434 e8a070 ffe4cc"),
    ),
    Recipe(
        "rock",
        names("rocks;stone;rock;stones;rocky"),
        stone.rock,
        colours("1c1a18 504c48 8c867c c0b8ac e0dcd4", "201c1c 584c44 988474 d0c0ac"),
        OPTIONAL,
        reserved=("red",),
    ),
    Recipe(
        "redrock",
        names("red rocks;canyon;red rock;red stone;mars"),
        stone.strata,
        colours("280804 6c1c0c b0401c d87040 f0a878", "301008 842814 bc4c28 e08858 f4bc90"),
    ),
    Recipe(
        "stonewall",
        names("stonewall;stone wall;cobblestone;cobblestones;castle wall"),
        stone.stone_wall,
        colours("242220 585450 8c8680 b8b0a4 dcd6cc", "2c2420 64564c 988878 c4b8a4 e4dccc"),
    ),
    Recipe(
        "wood",
        names("wooden;wood;carved wood;wood grain;timber"),
        material.wood,
        colours("2c1808 6c4420 a87440 d0a468 e8cc98", "241008 5c2c14 985028 c88450 e8b888"),
    ),
    Recipe(
        "brick",
        names("bricks;brick wall;brick"),
        stone.bricks,
        colours("4c1810 8c3420 b45438 d07c58"),
        OPTIONAL,
    ),
    Recipe(
        "marble",
        names("marble;white marble;marble statue"),
        stone.marble,
        colours("343438 88888c d0d0d4 f4f4f8 ffffff"),
        OPTIONAL,
    ),
    Recipe(
        "rust",
        names("rust;rusty;rusty metal;corroded"),
        stone.rust,
        colours("2c1810 6c3014 ac5420 d88c48"),
    ),
    Recipe(
        "glass",
        names("glass;transparent glass;glassy"),
        glass.glass,
        colours("1c3c44 5c949c acd4d8 f0fcfc"),
        OPTIONAL,
    ),
)
