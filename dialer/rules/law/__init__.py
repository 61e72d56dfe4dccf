"""Law as data: which rows bind a lead, and what each row asks."""
