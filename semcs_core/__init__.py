"""Sem-CS: words paint a photo, one style for the object, another for what is around it.

Reading order, each file built on those above it:

    errors      the one kind of error that a user may read
    image       opening a picture, its working size, tensors
    mask/       the salient object: affinity graph, eigenvectors, prior, refinement
    settings    every number of a run
    methods     the published methods, and ours, as values of the settings
    backends/   what models must be able to do; the built-in starter; CLIP, DINO, VGG19, FCN
    prompts     parsing, prompt ensemble, text directions
    regions     which prompt paints which part
    crops       random patches, each bound to its region
    aims        what each region aims at: its sketch and its target
    losses      the losses as pure functions
    terms       the terms of a step's loss
    stylenet    the network of the papers
    tiles       a large picture in parts that agree at their borders
    painter     one StyleNet, or a layer for each region with free pixels beside it
    step        one step's rate, picture and record
    run         a run: advanced, steered and extended from outside
    stylize     the loop over it, a generator of one record a step
    snapshot    a run in a file, to go on with later
    full_size   a run's picture at the photo's own size
    metadata    how a picture was made, kept in its PNG
    timelapse   how it came to be, an animation
    presets     how large and how long: draft, standard, fine
    cost        what a run takes on this machine, said before it begins
    memory      memory that has run out, given back, and a size that fits

`models` chooses and loads backends by name and `weights/` fetches their files. `files`, `report`,
`download_bar`, `models_cli` and `cli` serve the command line, `page/` the page. Importing this
package imports none of it.
"""

import os

# Torch asks for it with its first tensor: large ones in pages of 2 MiB where the system has them.
# Each step makes and drops gigabytes, and with pages of 4 KiB a seventh of it was spent on them.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")

__version__ = "0.1.0"
