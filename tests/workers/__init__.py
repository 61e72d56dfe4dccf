"""Tests of the queue shell."""
