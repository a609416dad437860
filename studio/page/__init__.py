"""The page, part by part; `app.py` says what is where on it.

Reading order:

    wiring            what all events have in common
    errors            errors as one sentence
    mask_layer, visit the mask in the editor; what a visit works on
    choices, downloads    models and mask sources with their price; fetching them
    photos, eigenvectors  a photo and its object
    setting_controls, presets, links   controls out of `Settings`; draft, standard, fine; a link
    style_gallery     pictures of the styles
    photo_panel, mask_panel, prompt_panel, settings_panel   the left column
    run_panel, result_panel   a run's buttons; what it leaves
    status            what a run tells, as HTML
    theme, page.js    the look, and what Gradio has no option for
    api               the same for programs
"""
