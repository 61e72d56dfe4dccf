"""Tests of `dialer/pipeline/compliance/`."""
