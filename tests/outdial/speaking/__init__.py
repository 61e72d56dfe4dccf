"""Tests of `outdial/speaking/`."""
