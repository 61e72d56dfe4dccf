"""Tests of what the sandbox offers everybody."""
