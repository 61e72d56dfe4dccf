"""May this phone ring now, and when may it again: hours, caps, gates and their explanation."""
