"""What a campaign manager decides: plans, variants, segments, runs, schedules, pace."""
