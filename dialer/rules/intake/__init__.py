"""What comes in: payloads, fields of a lead, templates, and their faults in plain words."""
