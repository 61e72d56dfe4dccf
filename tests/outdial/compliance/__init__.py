"""Tests of `outdial/compliance/`."""
