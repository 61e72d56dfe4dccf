"""The campaign of the simulated year, and the caps of its organization."""

from datetime import date

PURPOSE = "ai_voice"
WEEK = {
    **{
        day: [["08:30", "12:00"], ["12:30", "20:30"]]
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    },
    "saturday": [["10:00", "16:00"]],
    "sunday": [["13:00", "18:00"]],
}
CLOSED_DATES = (date(2026, 11, 2), date(2026, 12, 24), date(2026, 12, 31), date(2027, 3, 15))
CONCURRENCY = 12

PER_NUMBER_24H = 2
PER_NUMBER_7D = 4
GAP_MINUTES = 30
"""Tight enough that the cadence's own steps run into them."""

MOST_RINGS = 9
"""Of one lead: six attempts, and three technical failures outside their count."""

OUTCOMES = {
    "no_answer": 0.42,
    "voicemail": 0.1,
    "busy": 0.1,
    "failed": 0.06,
    "callback": 0.08,
    "answered_interested": 0.12,
    "answered_not_interested": 0.06,
    "opt_out": 0.03,
    "wrong_person": 0.03,
}
"""Fewer are reached at once than usual, so that the cadence is used to its end."""
