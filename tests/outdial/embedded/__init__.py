"""Tests of `outdial/embedded/`."""
