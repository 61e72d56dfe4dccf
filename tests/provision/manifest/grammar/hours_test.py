"""Hours of agents and of calendars."""

from pathlib import Path

import pytest

from tests.provision.manifest.manifests import AGENT, faults_of, manifest_of, told

INBOUND = AGENT.replace("OUTBOUND", "INBOUND")
PATH = "agents.caller.activatedHours"


def hours(span: str, zone: str = "America/New_York") -> str:
    return f"{INBOUND}    activatedHours: {{timezone: {zone}, hours: [{{{span}}}]}}\n"


@pytest.mark.parametrize(
    "span",
    [
        'day: monday, startTime: "09:00", endTime: "17:00"',
        "day: Monday, startTime: 09:00, endTime: 17:00",
        'day: SUNDAY, startTime: "00:00", endTime: "24:00"',
        "day: sunday, startTime: CLOSED, endTime: CLOSED",
    ],
)
def test_good_hours(tmp_path: Path, span: str) -> None:
    (read,) = manifest_of(tmp_path, hours(span)).agents["caller"].fields["activatedHours"]["hours"]
    assert set(read) == {"day", "startTime", "endTime"}
    assert all(isinstance(one, str) for one in read.values())


@pytest.mark.parametrize(
    ("span", "code", "field", "meant"),
    [
        ("day: mon, startTime: 09:00, endTime: 17:00", "bad_day", "day", 'did you mean "monday"?'),
        ("day: monday, startTime: 9:00, endTime: 17:00", "bad_time", "startTime", 'write "09:00"'),
        ("day: monday, startTime: 9am, endTime: 5:30 pm", "bad_time", "endTime", 'write "17:30"'),
        ("day: monday, startTime: 24:00, endTime: 24:00", "bad_time", "startTime", None),
        ("day: monday, startTime: 09:00, endTime: 24:30", "bad_time", "endTime", None),
        ("day: monday, startTime: 9, endTime: 17:00", "wrong_kind", "startTime", None),
        ("day: monday, startTime: closed, endTime: CLOSED", "bad_time", "startTime", None),
        ("day: monday, startTime: CLOSED, endTime: 17:00", "bad_hours", "endTime", None),
        ("day: monday, startTime: 09:00, endTime: CLOSED", "bad_hours", "startTime", None),
        ("day: monday, startTime: 09:00, endTime: 09:00", "bad_hours", "endTime", None),
        ("day: monday, startTime: 09:00, endTime: 08:59", "bad_hours", "endTime", None),
        ("day: monday, startTime: 09:00", "missing_field", "endTime", None),
    ],
)
def test_bad_hours(tmp_path: Path, span: str, code: str, field: str, meant: str | None) -> None:
    found = {(one.code, one.field): one for one in faults_of(tmp_path, hours(span))}
    fault = found[code, f"{PATH}.hours.0.{field}"]
    if meant is not None:
        assert fault.suggestion == meant


def test_a_span_over_midnight_is_explained(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, hours("day: friday, startTime: 22:00, endTime: 02:00"))
    assert fault.suggestion is not None
    assert "24:00" in fault.suggestion


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("America/New York", 'did you mean "America/New_York"?'),
        ("america/chicago", 'did you mean "America/Chicago"?'),
        ("Nowhere", None),
        ("../../etc/passwd", None),
    ],
)
def test_a_zone_that_is_none(tmp_path: Path, zone: str, meant: str | None) -> None:
    span = "day: monday, startTime: 09:00, endTime: 17:00"
    (fault,) = faults_of(tmp_path, hours(span, zone))
    assert (fault.code, fault.field) == ("bad_timezone", f"{PATH}.timezone")
    if meant is not None:
        assert fault.suggestion == meant


BOOKABLE = """\
business: biz_demo
calendar: existing
tools:
  visits:
    template: googleCal
    config: {{appointmentConfig: {{hoursJson: {{{days}}}}}}}
"""


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("monday: [{openTime: 09:00, closeTime: 17:00}], sunday: []", []),
        ("Monday: []", [("unknown_field", "Monday")]),
        ("monday: {openTime: 09:00, closeTime: 17:00}", [("wrong_kind", "monday")]),
        (
            "monday: [{openTime: 09:00, closeTime: 24:00}]",
            [("bad_time", "monday.0.closeTime")],
        ),
        (
            "monday: [{openTime: CLOSED, closeTime: CLOSED}]",
            [("bad_time", "monday.0.openTime"), ("bad_time", "monday.0.closeTime")],
        ),
        (
            "monday: [{openTime: 17:00, closeTime: 09:00}]",
            [("bad_hours", "monday.0.closeTime")],
        ),
    ],
)
def test_bookable_hours(tmp_path: Path, days: str, expected: list[tuple[str, str]]) -> None:
    where = "tools.visits.config.appointmentConfig.hoursJson."
    assert told(tmp_path, BOOKABLE.format(days=days)) == [
        (code, where + field) for code, field in expected
    ]
