"""Reads uploaded documents: their names, their types, and the text in them."""
