"""Tests of `outdial/demo/`."""
