"""Tests of `dialer/pipeline/upstream/`."""
