"""Reads for people: the ledger, progress, what stands in the way."""
