"""The commands that speak to the Partner API itself: agents as code, voices, files, calls."""
