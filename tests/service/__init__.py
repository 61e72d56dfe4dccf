"""Tests of the HTTP shell, on a real database and a real queue."""
