"""Simulated conversations: what a person and an agent say, and what comes of it."""
