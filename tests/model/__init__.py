"""A seeded model of the call protocol: production rules over virtual time, faults everywhere."""
