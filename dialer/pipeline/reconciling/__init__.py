"""Reading the history back: calls found, proven absent, refused, restored, or late."""
