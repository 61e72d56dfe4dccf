"""Tests of `dialer/store/dialing/`."""
