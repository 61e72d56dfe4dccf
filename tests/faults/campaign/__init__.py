"""The fault campaign: schedules of faults drawn from a seed, played on real processes."""
