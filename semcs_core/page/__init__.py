"""What the page does, apart from its layout, which is `app.py`.

layer (mask and editor) -> choices (models, methods, mask sources) -> photos (open, find the object)
-> status (what the visitor reads) -> downloads (weight files that come first) -> runs (prepare,
learn, stop) -> handlers (one for each event), with faults (how errors reach the visitor) and theme
(how it looks). The core never imports this package.
"""
