"""Decides what an apply would do, kind by kind, from what is declared, known and observed."""
