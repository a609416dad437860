"""The page, part by part; `app.py` says what is where on it.

Reading order:

    wiring            what all events have in common
    choices           the menus of models, methods and mask sources
    photos            open a photo and find its object
    setting_controls, links   a control for each setting, presets; a link to all of them
    photo_panel, mask_panel, prompt_panel, settings_panel   the left column
    run_panel, result_panel, variations_panel   the buttons of a run; its pictures
    status            what a run tells, as HTML
    theme, page.css, page.js   the look, and what Gradio has no option for
    api               the same for programs
"""
