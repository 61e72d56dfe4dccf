"""Where a person may be: zones and states, by every clue."""
