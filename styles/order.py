"""The order of the styles.

The tiles of the page's sprite follow it: a new style goes to the end, and no key moves.
"""

_KEYS = """
starry oil acrylic monet points scream wave cubism kandinsky mondrian klimt rothko pollock
matisse artdeco opart pencil charcoal watercolour ink graffiti vintage chalk pastel rembrandt
tint woodcut blueprint map comic manga halftone newspaper pop pixel neon psychedelic vaporwave
circuit matrix glitch thermal xray zebra fire lava snow ice ocean underwater galaxy grass
forest autumn cloud dune lightning blossom smoke leopard bubble rainbow sunset nightsky aurora
fireworks bokeh coral scales feathers roses bark drought agate terrazzo moss raindrops hologram
porcelain gothic mosaic stained crystal greencrystal gold silver bronze rock redrock stonewall
wood brick marble rust glass lowpoly embroidery crossstitch tartan denim lace leather wicker
rug polka camouflage origami beads lego steampunk candy chocolate jigsaw fur knit wool fabric
honeycomb
"""

ORDER = tuple(_KEYS.split())
"""The key of every style."""
