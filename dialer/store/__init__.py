"""SQL: one module per table family, conditional updates, no decisions."""
