"""Tests of agents as code."""
