"""Tests of `dialer/store/reports/`."""
