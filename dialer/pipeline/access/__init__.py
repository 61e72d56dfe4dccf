"""Who may speak to the API: an organization's first steps, and its keys."""
