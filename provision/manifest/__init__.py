"""Reads and writes the manifest."""
