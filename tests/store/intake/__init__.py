"""Tests of `dialer/store/intake/`."""
