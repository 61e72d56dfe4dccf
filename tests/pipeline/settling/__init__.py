"""Tests of `dialer/pipeline/settling/`."""
