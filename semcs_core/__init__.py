"""The method of Sem-CS: words paint a photo, one style for the object, another around it.

Reading order; each file imports only those above it:

    errors      the one kind of error that a user may read
    image       opening a picture, its working size, tensors
    settings    every number of a run, and of each region
    crops       random patches, each bound to its region
    protocols   what models must be able to do
    views       what an encoder of whole pictures is shown: regions and crops
    mask/       the salient object: affinity graph, eigenvectors, prior, refinement
    prompts     parsing, prompt ensemble, text directions
    regions     which prompt paints which part
    methods     the published methods and ours, their presets, object and background
    stylenet    the network of the papers
    painter     what is optimised: one StyleNet, or a layer for each region
    tone        large light and colours
    targets     what each region is optimised towards: its sketch, its style, its sources
    losses      the losses as pure functions
    objective   the weighted sum of the losses
    step        one step's record and learning rate
    run         the loop: advanced, steered and extended from outside

The package imports nothing of `styles`, `models` and `studio`; it is handed its models.
"""

__version__ = "0.2.0"
