"""Reads states and time zones as people write them in a table: New York, Eastern, ET.

Only where one reading exists. "Mountain" stays as it is and is refused later: Arizona keeps no
daylight-saving time, so it may be either of two zones.
"""

from collections.abc import Mapping

STATE_NAMES: Mapping[str, str] = {
    "alabama": "AL",
    "alaska": "AK",
    "arizona": "AZ",
    "arkansas": "AR",
    "california": "CA",
    "colorado": "CO",
    "connecticut": "CT",
    "delaware": "DE",
    "district of columbia": "DC",
    "washington dc": "DC",
    "florida": "FL",
    "georgia": "GA",
    "hawaii": "HI",
    "idaho": "ID",
    "illinois": "IL",
    "indiana": "IN",
    "iowa": "IA",
    "kansas": "KS",
    "kentucky": "KY",
    "louisiana": "LA",
    "maine": "ME",
    "maryland": "MD",
    "massachusetts": "MA",
    "michigan": "MI",
    "minnesota": "MN",
    "mississippi": "MS",
    "missouri": "MO",
    "montana": "MT",
    "nebraska": "NE",
    "nevada": "NV",
    "new hampshire": "NH",
    "new jersey": "NJ",
    "new mexico": "NM",
    "new york": "NY",
    "north carolina": "NC",
    "north dakota": "ND",
    "ohio": "OH",
    "oklahoma": "OK",
    "oregon": "OR",
    "pennsylvania": "PA",
    "rhode island": "RI",
    "south carolina": "SC",
    "south dakota": "SD",
    "tennessee": "TN",
    "texas": "TX",
    "utah": "UT",
    "vermont": "VT",
    "virginia": "VA",
    "washington": "WA",
    "west virginia": "WV",
    "wisconsin": "WI",
    "wyoming": "WY",
    "puerto rico": "PR",
    "guam": "GU",
}
ZONE_NAMES: Mapping[str, str] = {
    "eastern": "America/New_York",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "central": "America/Chicago",
    "ct": "America/Chicago",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "pacific": "America/Los_Angeles",
    "pt": "America/Los_Angeles",
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "akst": "America/Anchorage",
    "akdt": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "hst": "Pacific/Honolulu",
}
_NOISE = (" standard time", " daylight time", " time", " (us & canada)", " time (us & canada)")


def state_of(written: str) -> str:
    """Reads a state.

    Args:
        written: A code, a name, or something else.

    Returns:
        The two-letter code where it is known; else the text as it was, to be judged later.
    """
    text = " ".join(written.replace(".", "").split())
    return STATE_NAMES.get(text.casefold(), text)


def zone_of(written: str) -> str:
    """Reads a time zone.

    Args:
        written: An IANA name, a name in common use, or something else.

    Returns:
        The IANA name where it is known; else the text as it was, to be judged later.
    """
    text = " ".join(written.split())
    plain = text.casefold()
    for noise in sorted(_NOISE, key=len, reverse=True):
        plain = plain.removesuffix(noise)
    return ZONE_NAMES.get(plain, text)
