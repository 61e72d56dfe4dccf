"""Reproducible measurements, each with its peer or its limit beside it."""
