"""Reads any text in a phone field as one US number, or says why it is none."""
