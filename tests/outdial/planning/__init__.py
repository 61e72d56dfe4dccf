"""Tests of `outdial/planning/`."""
