"""Training material of the built-in starter models: style textures drawn by procedure.

Reading order: fields (noise and geometry), palettes, scene (what a pattern is handed),
patterns_* (one function a style), recipes (the table of styles), render, sheet.

A style that carries an artist's or a work's name is a procedural imitation of a few traits of
it (palette, direction and size of the marks). No picture of any artist is used or stored.
"""
