"""Tests of the sandbox: its parts alone, and the whole program over real HTTP."""
