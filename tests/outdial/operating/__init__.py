"""Tests of `outdial/operating/`."""
