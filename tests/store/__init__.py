"""Tests of the SQL."""
