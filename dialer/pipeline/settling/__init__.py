"""What a change of a call means for its lead, decided by the history or by a person."""
