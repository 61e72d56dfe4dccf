"""Tests of `outdial/tree/`."""
