"""Tests of `outdial/machine/`."""
