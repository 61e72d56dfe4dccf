"""Tests of what the client reads and sends."""
