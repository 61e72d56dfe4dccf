"""The rules of voice agents, each on its own."""
