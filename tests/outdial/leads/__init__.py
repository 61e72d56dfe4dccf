"""Tests of `outdial/leads/`."""
