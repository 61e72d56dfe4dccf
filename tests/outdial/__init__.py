"""Tests of `outdial`."""
