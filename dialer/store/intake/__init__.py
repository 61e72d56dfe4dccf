"""Leads, where they came from, and words that end them."""
