"""The page, part by part; `app.py` says what is where on it.

Reading order:

    wiring            what all events have in common
    faults            errors as one sentence
    gate              what comes in by HTTP: of bounded size, files only by upload
    layer, work       the mask in the editor; what a visit works on
    choices, downloads    models and mask sources with their price; fetching them
    photos, eigenvectors  a photo and its object
    setting_controls, presets, links   controls out of `Settings`; draft, standard, fine; a link
    style_gallery     pictures of the styles
    photo_panel, mask_panel, prompt_panel, settings_panel   the left column
    controls, jobs, results, runs, status   a run: asked for, steered, shown and kept
    tidy              what visits leave behind, bounded
    turns, journal, gpu, service   a run in its turn, on a lent GPU, written down
    run_panel, result_panel   its buttons; what it leaves
    theme, page.js    the look, and what Gradio has no option for
    api               the same for programs
"""
