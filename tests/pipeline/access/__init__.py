"""Tests of `dialer/pipeline/access/`."""
