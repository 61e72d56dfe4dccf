"""Tests of the simulated API, over real HTTP."""
