"""Training and judging the built-in starter models.

Reading order: photolike and dataset (the pictures), captions (what they are called), train; then
descriptor, bank, measures and judgement, which evaluate and ablate share; sheet and gallery.
"""
