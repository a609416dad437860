"""Sem-CS: words paint a photo, one style for the object, another for what is around it.

Reading order, each file built on those above it:

    errors      the one kind of error that a user may read
    image       opening a picture, its working size, tensors
    mask/       the salient object: affinity graph, eigenvectors, prior, refinement
    settings    every number of a run
    backends/   what models must be able to do, and the built-in starter models
    prompts     parsing, prompt ensemble, text directions
    regions     which prompt paints which part
    crops       random patches, each bound to its region
    losses      the losses as pure functions
    stylenet    the network of the papers
    painter     StyleNet with one layer for each region
    stylize     the loop, a generator of one record a step

`models` loads backends by name; `files`, `report` and `cli` serve the command line. Importing this
package imports none of it.
"""

__version__ = "0.1.0"
