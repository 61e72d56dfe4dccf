"""Tests of what a plan consists of."""
