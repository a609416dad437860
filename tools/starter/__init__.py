"""Training and judging the built-in starter models.

Reading order: photolike and dataset (the pictures), captions (what they are called), train, sheet.
"""
