"""Tests of the reading of uploaded documents."""
