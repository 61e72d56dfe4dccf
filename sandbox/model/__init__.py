"""What is in the world: one module per kind of thing; records know nothing of HTTP."""
