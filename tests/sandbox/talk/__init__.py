"""Simulated conversations: their parts, and whole calls in a sandbox in memory."""
