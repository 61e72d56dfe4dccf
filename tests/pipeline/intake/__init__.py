"""Tests of `dialer/pipeline/intake/`."""
