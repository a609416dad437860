"""Styles of the elements, the sky, plants and animals."""

from styles import patterns_life as life
from styles import patterns_nature as nature
from styles import patterns_sky as sky
from styles.recipe import Colouring, Recipe, colours, names

OPTIONAL = Colouring.OPTIONAL

NATURE: tuple[Recipe, ...] = (
    Recipe(
        "zebra",
        names("zebra;zebra stripes;stripes;striped"),
        life.zebra,
        colours("080808 f8f8f4"),
        OPTIONAL,
    ),
    Recipe(
        "fire",
        names("fire;flames;burning;flame;on fire;blaze"),
        nature.fire,
        colours("080202 5c0c04 d83408 fc9c14 fff4a0"),
    ),
    Recipe(
        "lava",
        names("lava;magma;molten lava;volcano"),
        nature.lava,
        colours("0c0606 2c1210 a81c08 f87010 ffe060"),
    ),
    Recipe(
        "snow",
        names("snowy;snow;snowfall;winter;covered in snow"),
        nature.snow,
        colours("1c2c44 486488 8ca8c8 dce8f4 ffffff"),
    ),
    Recipe(
        "ice",
        names("ice;frozen;frost;icy;glacier"),
        nature.ice,
        colours("144c84 4494c0 98d0e8 f0fcff"),
    ),
    Recipe(
        "ocean",
        names("water;ocean;sea waves;water ripples;waves"),
        nature.sea,
        colours("041c34 0c4c74 2c84ac 84c4d8 e4f8fc"),
    ),
    Recipe(
        "underwater",
        names("underwater;deep sea;under the sea;underwater light"),
        nature.underwater,
        colours("02202c 04586c 189ca4 64d8cc e0fff4"),
    ),
    Recipe(
        "galaxy",
        names("galaxy;nebula;space;cosmic;outer space;universe"),
        sky.galaxy,
        colours("02020c 1c1048 5c2488 c04c98 f8b4c8", "02040c 101c54 2c50a4 7c58c4 e8c0e8"),
    ),
    Recipe(
        "grass",
        names("grass;grassy;meadow;green grass"),
        life.grass,
        colours("0c2408 2c5c14 5c9c24 a4cc4c dcec94"),
    ),
    Recipe(
        "forest",
        names("forest;leaves;jungle;foliage;ivy"),
        life.leaves,
        colours("081c08 1c4c18 34782c 70a844 b0d074"),
    ),
    Recipe(
        "autumn",
        names("autumn leaves;autumn;fall foliage;fall"),
        life.leaves,
        colours("4c1408 a43010 d8641c f0a028 f8d85c"),
    ),
    Recipe(
        "cloud",
        names("clouds;sky;cloudy;cloudy sky"),
        sky.clouds,
        colours("3474c4 6ca4e0 c0d8f0 ffffff"),
    ),
    Recipe(
        "dune",
        names("desert sand;sand;desert;dunes;sand dunes;sandy"),
        nature.dunes,
        colours("6c4820 b08448 dcb474 f4dcac"),
    ),
    Recipe(
        "lightning",
        names("lightning;electric;thunder;electricity"),
        sky.lightning,
        colours("08041c 2c1868 6c48cc c0b0ff"),
    ),
    Recipe(
        "blossom",
        names("cherry blossom;flowers;floral;blossoms;sakura;pink flowers"),
        life.blossom,
        colours("2c4c30 8c8474 f0a0c0 fcd0e0 fff4f8", "34503c a08c8c f890b8 fcc8dc ffffff"),
    ),
    Recipe(
        "smoke",
        names("smoke;fog;mist;smoky;foggy"),
        sky.smoke,
        colours("1c1c20 5c5c64 a4a4ac e8e8ec", "6c747c a4acb4 d4d8dc f4f6f8"),
        OPTIONAL,
    ),
    Recipe(
        "leopard",
        names("leopard;leopard print;animal print;cheetah"),
        life.animal_spots,
        colours("100804 5c3410 b87c34 dca85c f0d098"),
    ),
    Recipe(
        "bubble",
        names("bubbles;soap bubbles;foam"),
        nature.bubbles,
        colours("2c5c9c 6ca4d8 b8d8f4 f4fcff"),
        OPTIONAL,
    ),
    Recipe(
        "rainbow",
        names("rainbow;rainbow colors;spectrum;rainbow stripes"),
        sky.rainbow,
        colours("e01818 f87818 f8e020 28b848 2060e0 4820a0 9820c0"),
    ),
    Recipe(
        "sunset",
        names("sunset;sunrise;evening sky;golden hour;dusk"),
        sky.sunset,
        colours("181028 4c2058 b03858 f07830 fcc858", "14142c 3c2c68 a84878 f89048 fce088"),
    ),
    Recipe(
        "nightsky",
        names("night sky;starry sky;night;stars;milky way"),
        sky.night_sky,
        colours("020614 081c44 184078 5078b4 b8d0f0"),
    ),
    Recipe(
        "aurora",
        names("aurora;northern lights;aurora borealis;polar lights"),
        sky.aurora,
        colours("02040e 0c1c38 5c2898 1ca878 60f890"),
    ),
    Recipe(
        "fireworks",
        names("fireworks;firework;sparks;new year fireworks"),
        sky.fireworks,
        colours("ff3838 ffc030 40e060 40a0ff e050ff fff0c0"),
    ),
    Recipe(
        "bokeh",
        names("city lights;bokeh;blurred lights;night city;fairy lights"),
        sky.city_lights,
        colours("ffb040 ff6838 ffe0a0 60a8ff ff5878 80e0b0"),
    ),
    Recipe(
        "coral",
        names("coral;coral reef;brain coral;reef"),
        life.coral,
        colours("7c1c3c d84860 f88868 fcc8a0", "6c2070 c850a0 f098a8 fce0c8"),
        OPTIONAL,
    ),
    Recipe(
        "scales",
        names("dragon scales;scales;snake skin;fish scales;reptile"),
        life.scales,
        colours(
            "04140c 0c4c34 2c8c54 a8d478",
            "1c0808 6c1c14 b84c20 f0b050",
            "08142c 1c4874 4898a8 c0e8d8",
        ),
        OPTIONAL,
    ),
    Recipe(
        "feathers",
        names("feathers;peacock feathers;peacock;plumage;feather"),
        life.feathers,
        colours("04202c 0c5c5c 148c58 1c48a8 c8a028", "041c30 0c6878 30a050 2038a0 d8b838"),
        OPTIONAL,
    ),
    Recipe(
        "roses",
        names("roses;rose petals;red roses;bouquet of roses"),
        life.petals,
        colours("3c0410 8c0c20 d82840 f47888", "5c1438 b83868 f088a0 fce0dc"),
        OPTIONAL,
    ),
    Recipe(
        "bark",
        names("tree bark;bark;tree trunk;oak bark"),
        life.bark,
        colours("14100c 44342c 7c6454 b8a48c", "1c1410 503828 8c6c50 c4a888"),
    ),
)
