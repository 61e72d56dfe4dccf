"""What an ended call means, and when to call again."""
