"""Tests of `dialer/pipeline/reconciling/`."""
