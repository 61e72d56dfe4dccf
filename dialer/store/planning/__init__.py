"""Campaigns, variants, segments, runs and schedules."""
