"""What people need help with, by the trade that an agent works for."""

import re
from typing import NamedTuple


class Trouble(NamedTuple):
    """Something a person needs: what, where, since when; each a sentence without its end."""

    what: str
    where: str
    since: str


class Trade(NamedTuple):
    """A line of business: the words that tell it, what people want of it, and what can't wait."""

    words: re.Pattern[str]
    troubles: tuple[Trouble, ...]
    urgent: Trouble


def _trade(words: str, *told: tuple[str, str, str]) -> Trade:
    *usual, urgent = (Trouble(*one) for one in told)
    return Trade(re.compile(rf"\b(?:{words})", re.IGNORECASE), tuple(usual), urgent)


TRADES = (
    _trade(
        r"plumb|drain|water heater|faucet|leaking tap|pipes?\b",
        ("The sink drips all the time", "It is in the kitchen", "Since Sunday"),
        ("The drain is nearly blocked", "In the bathroom upstairs", "For about a week"),
        ("The toilet keeps running", "On the ground floor", "Since yesterday"),
        ("A pipe has burst and I can't shut the water off", "In the basement", "For ten minutes"),
    ),
    _trade(
        r"roof|gutter|shingle",
        ("Some shingles have come off", "On the side to the street", "Since the storm"),
        ("There is a damp patch on the ceiling", "Under the roof, in the hall", "For two weeks"),
        ("Water is coming in through the ceiling", "In the bedroom", "For an hour"),
    ),
    _trade(
        r"dent(?:al|ist)|tooth|teeth|orthodont",
        ("I need a cleaning", "Nowhere in particular", "It has been a year"),
        ("A filling has come out", "On the left, at the back", "Since Monday"),
        ("I am in a lot of pain with a tooth", "On the right, at the back", "Since last night"),
    ),
    _trade(
        r"hvac|heating|furnace|air condition|cooling|boiler",
        ("The heating hardly gets warm", "In the whole house", "Since the weekend"),
        ("The air conditioning makes a noise", "In the living room", "For a few days"),
        ("I can smell gas near the furnace", "In the basement", "For half an hour"),
    ),
    _trade(
        r"electric|wiring|solar",
        ("I would like an offer for the whole house", "At home, it is a house", "For a while now"),
        ("One of the circuits keeps tripping", "In the kitchen", "Since Tuesday"),
        ("There are sparks at the fuse box", "In the hall", "For ten minutes"),
    ),
    _trade(
        r"auto repair|garage|mechanic|tires?\b|brakes?\b|car\b|vehicle",
        ("The brakes squeal", "At the front, I think", "For about a week"),
        ("The car is due for its service", "It is at home", "Since last month"),
        ("The car has broken down", "I am at the side of the road", "For half an hour"),
    ),
    _trade(
        r"real estate|realty|apartment|rental|tenant|mortgage|listing",
        ("I am looking for something with two bedrooms", "Near the center", "For two months"),
        ("I would like to see the place that you list", "The one by the park", "Since Friday"),
        ("I am locked out of the apartment", "I am at the door", "For an hour"),
    ),
    _trade(
        r"insurance|law\b|lawyer|attorney|legal|claim",
        ("I have a question about a claim", "It was at home", "Since last month"),
        ("I need advice about a contract", "It is about my lease", "For two weeks"),
        ("I have had an accident", "On the way to work", "Since this morning"),
    ),
    _trade(
        r"clean(?:ing|er)|maid|janitor|carpet",
        ("I need the apartment cleaned before I move", "All three rooms", "By next week"),
        ("There is a stain on the carpet", "In the living room", "Since Saturday"),
        ("The cellar has been flooded", "The whole floor", "Since last night"),
    ),
)
PLAIN = _trade(
    r"(?!)",
    ("I would like to have it looked at", "At home", "For about a week"),
    ("It doesn't work as it should", "At my place", "Since last week"),
    ("It has got much worse", "At home", "Since this morning"),
)


def trade_of(text: str) -> Trade:
    """The trade that a text tells of most often; a plain one where it tells none."""
    counts = [(len(trade.words.findall(text)), trade) for trade in TRADES]
    most, trade = max(counts, key=lambda counted: counted[0])
    return trade if most else PLAIN
