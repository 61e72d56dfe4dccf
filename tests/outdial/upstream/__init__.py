"""Tests of the commands that speak to the Partner API itself."""
