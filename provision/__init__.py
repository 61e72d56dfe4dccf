"""Agents as code: reads a manifest, plans what would change upstream, and applies it."""
