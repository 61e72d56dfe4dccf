"""Tests of `dialer/store/reconciling/`."""
