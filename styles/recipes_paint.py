"""Styles of painting and drawing.

Artists' names mean a procedural imitation of a few traits, see the package's docstring.
"""

from styles import patterns_media as media
from styles import patterns_modern as modern
from styles import patterns_painters as painters
from styles.palettes import RAINBOW
from styles.recipe import Colouring, Recipe, colours, names

OPTIONAL = Colouring.OPTIONAL

PAINT: tuple[Recipe, ...] = (
    Recipe(
        "starry",
        names(
            "Starry Night by Vincent van Gogh;starry night;van gogh;vincent van gogh;"
            "starry sky by van gogh"
        ),
        painters.starry_night,
        colours("081434 1c3c88 3c74c0 84b4d4 f4dc5c", "0a1a40 24509c 5890c8 a8c8c8 f8d040"),
    ),
    Recipe(
        "oil",
        names("oil painting;oil;oil painting with brush strokes;brush strokes;impasto;thick paint"),
        painters.brush_strokes,
        colours(
            "2c1c14 7c4424 c08c4c e4cc94 f8f0d8",
            "1c2c24 3c6444 8c9c54 d8b868 f4e4c0",
            "20243c 54587c a4788c e0b49c fcecd4",
        ),
        OPTIONAL,
    ),
    Recipe(
        "acrylic",
        names("acrylic painting;acrylic;acrylic paint;bold brush strokes"),
        painters.flat_acrylic,
        colours(
            "1c2458 1878b4 38b4a4 f4c83c f0643c f8ece0",
            "38184c c02464 f07838 f8d850 48b0c0 f8f0e4",
            "143c34 2c8c58 a4c848 f8d048 e85030 fcf4e0",
        ),
        OPTIONAL,
    ),
    Recipe(
        "monet",
        names(
            "a Monet style painting;monet;claude monet;impressionism;impressionist painting;"
            "impressionist"
        ),
        painters.impressionist,
        colours(
            "38587c 6c98ac a4b8a4 d8b4bc f4e8cc",
            "30544c 5c9478 a4c8a4 c8a8cc f8e0e4",
            "3c4878 7884b4 b4a4c4 ecc0a8 fcecc8",
        ),
    ),
    Recipe(
        "points",
        names("pointillism;seurat;georges seurat;dots painting;colored dots"),
        painters.pointillism,
        colours(RAINBOW, "305c8c 5ca078 d8c454 d87848 b04870"),
        OPTIONAL,
    ),
    Recipe(
        "scream",
        names("The Scream by Edvard Munch;the scream;edvard munch;munch"),
        painters.expressionist_scream,
        colours("141c38 2c5070 a04428 e87020 f8b848", "101c28 305860 c05020 f09038"),
    ),
    Recipe(
        "wave",
        names(
            "The Great Wave off Kanagawa;great wave;hokusai;ukiyo-e;ukiyo-e by hokusai;"
            "japanese woodblock print"
        ),
        painters.great_wave,
        colours("142c64 2c5c94 7ca8bc ccd0b8 ecdfbc", "183458 346c9c 90b8bc d4d4b4 f0e2c0"),
    ),
    Recipe(
        "cubism",
        names("cubism;cubist painting;picasso;pablo picasso;cubist"),
        modern.cubism,
        colours(
            "241810 684830 a88458 d4b888 ece0c8",
            "2c2018 8c5c3c c89868 a8a48c e4d8b8",
            "1c2428 4c5c60 8c8c7c c8a878 ecdcbc",
        ),
        OPTIONAL,
    ),
    Recipe(
        "kandinsky",
        names("kandinsky;wassily kandinsky;abstract circles;abstract art"),
        modern.abstract_circles,
        colours("1c1c2c d83030 f0b028 2868b0 38a078 f4ece0"),
        shuffle=True,
    ),
    Recipe(
        "mondrian",
        names("mondrian;piet mondrian;de stijl"),
        modern.primary_grid,
        colours("e02018 1c40a8 f8d818"),
    ),
    Recipe(
        "klimt",
        names("klimt;gustav klimt;the kiss by gustav klimt;art nouveau;golden ornaments"),
        modern.gold_ornament,
        colours("3c2408 8c5c14 d0982c f0cc5c fcf0b8"),
    ),
    Recipe(
        "rothko",
        names("rothko;mark rothko;colour field;color field painting;color field"),
        modern.colour_field,
        colours(
            "8c1c18 e05020 f4a030 4c1420",
            "182050 3c54a8 c04858 e8a868",
            "f0c030 e87828 c83c4c f4e4c8",
        ),
        shuffle=True,
    ),
    Recipe(
        "pollock",
        names("pollock drip painting;pollock;jackson pollock;drip painting;paint splatter"),
        modern.drip_painting,
        colours("0c0c0c f8f4ec 7c8890 c87828 101010", "101010 fcf8f0 c03028 e8c030 2c5088"),
    ),
    Recipe(
        "matisse",
        names("matisse;henri matisse;paper cutouts;matisse cutouts"),
        modern.paper_cutouts,
        colours("1c48a8 f0503c f8c030 20885c f8f0dc e0609c", "104878 e88830 f4e8d0 c83050 50a8a0"),
        shuffle=True,
    ),
    Recipe(
        "artdeco",
        names("art deco;great gatsby;art deco pattern;gold and black fans"),
        modern.art_deco,
        colours("06080c 1c2c34 b08430 e8c468 fcf0c0", "04060c 142448 b08838 ecca70 fcf0c4"),
    ),
    Recipe(
        "opart",
        names("op art;optical illusion;victor vasarely;checkerboard;bridget riley"),
        modern.op_art,
        colours("080808 f8f8f8"),
        OPTIONAL,
    ),
    Recipe(
        "pencil",
        names(
            "sketch with black pencil;pencil sketch;pencil drawing;sketch;"
            "black and white sketch;pencil;crosshatching"
        ),
        media.pencil,
        colours("181818 8c8c8c fcfcfc", "202020 989490 f8f6f0"),
    ),
    Recipe(
        "charcoal",
        names("charcoal;charcoal drawing;charcoal sketch"),
        media.charcoal,
        colours("0c0c0c 404040 989898 e4e0dc"),
    ),
    Recipe(
        "watercolour",
        names(
            "watercolor painting;watercolor;watercolour;watercolour painting;aquarelle;"
            "watercolor wash"
        ),
        media.watercolour,
        colours(
            "1c54a0 28a0b8 7cb848 f0b838 e06858",
            "60309c d84888 f08850 f4c848 58b4a0",
            "204c8c 5888d0 b478b8 ec7c8c f4b46c",
            "186858 60a848 d8c040 e88840 b84460",
        ),
        OPTIONAL,
    ),
    Recipe(
        "ink",
        names("ink wash;ink;chinese ink painting;sumi-e;ink painting;black ink"),
        media.ink_wash,
        colours("0c0c10 545458 b8b4ac f0ece0"),
    ),
    Recipe(
        "graffiti",
        names("graffiti;spray paint;street art"),
        media.spray_paint,
        colours("e8209c 20c0e8 f8e820 38d048 f86820 301848"),
        shuffle=True,
    ),
    Recipe(
        "vintage",
        names("vintage;sepia;old photograph;antique;sepia tone"),
        media.old_photo,
        colours("241408 6c4828 b08c5c e4cca0 f8ecd0"),
    ),
    Recipe(
        "chalk",
        names("chalk;chalkboard;chalk drawing;blackboard;chalk on a blackboard"),
        media.chalk,
        colours("f4f4ec f4f4ec f8e890 f4b8c0 b0d8f0", "fcfcf8 fcfcf8 fcfcf8 fcfcf8 f8f0a8"),
    ),
    Recipe(
        "pastel",
        names("pastel;pastel drawing;soft pastel;pastels;pastel painting"),
        media.pastel,
        colours(
            "6c5c9c c87ca8 f4a8a0 f8d8a0 fcf4d8",
            "4c7ca8 7cb8c0 b8d8b0 f4e0b0 fcf0e0",
            "8c4c6c d87c70 f0b070 f4d8a8 d8e4e8",
        ),
        OPTIONAL,
    ),
    Recipe(
        "rembrandt",
        names("old master painting;rembrandt;renaissance painting;caravaggio;cracked oil painting"),
        media.chiaroscuro,
        colours("0c0804 3c2010 8c5424 d09c50 f4dca4", "0c0806 442014 945838 d0a060 f0d8a8"),
    ),
    Recipe(
        "tint",
        names("color;colour"),
        media.tint,
        colours("202020 808080 f0f0f0"),
        Colouring.REQUIRED,
    ),
)
