"""What is known of the upstream's history, and which calls it has to settle."""
