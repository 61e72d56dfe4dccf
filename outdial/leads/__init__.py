"""Commands: leads from a file, leads shown, phone numbers tried."""
