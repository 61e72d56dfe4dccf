"""Tests of `service/pages/`."""
