"""Tests of `dialer/pipeline/dialing/`."""
