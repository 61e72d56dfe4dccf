"""What people ask: why, how far, what would happen, what waits for a decision."""
