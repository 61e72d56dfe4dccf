"""Rulebooks, do-not-call lists, and pauses above the campaign."""
