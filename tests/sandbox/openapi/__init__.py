"""Tests of the document that the simulated API publishes of itself."""
