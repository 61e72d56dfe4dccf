"""What is known of a call that nobody answered for: matched, absent, refused, decided."""
