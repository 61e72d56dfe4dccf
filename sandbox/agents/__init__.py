"""The rules of voice agents: hours, graphs and their prose, automatic tools; no requests here."""
