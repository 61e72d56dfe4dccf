"""Tests of the operations, by route family."""
