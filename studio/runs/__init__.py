"""A run from its check to its finished picture."""
