"""Fault campaigns on real processes."""
