"""The styles that the starter models know, drawn by procedure over a photo.

They teach the starter's text network what its words look like, and a run starts from their
drawing. Reading order: fields (noise and geometry), palettes, scene (what a pattern is handed),
patterns_* (one function a style), recipes (the table of styles), render.

A style that carries an artist's or a work's name is a procedural imitation of a few traits of
it (palette, direction and size of the marks). No picture of any artist is used or stored.
"""
