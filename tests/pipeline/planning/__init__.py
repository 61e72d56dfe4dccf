"""Tests of `dialer/pipeline/planning/`."""
