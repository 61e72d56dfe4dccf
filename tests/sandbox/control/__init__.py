"""Tests of the experimenter's interface, over real HTTP."""
