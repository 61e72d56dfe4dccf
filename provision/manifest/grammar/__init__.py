"""What a manifest may hold: its fields, their rules, and their help for editors."""
