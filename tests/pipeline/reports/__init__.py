"""Tests of `dialer/pipeline/reports/`."""
