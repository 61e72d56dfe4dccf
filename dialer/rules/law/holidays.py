"""Which days are public holidays in a state or in the whole country, observed days included.

By the `holidays` library, which knows the rules of each year (Ala. Code 1-3-8, La. R.S. 1:55,
R.I. Gen. Laws 25-1-1 and so on) and the weekday on which a holiday on a weekend is kept. Days
that a governor adds at short notice and holidays of single counties are in no such table: they
are closed by the campaign's own dates or by pausing the state.
"""

from datetime import date
from functools import lru_cache

NATIONAL = "US"
"""The federal holidays (5 U.S.C. 6103) rather than a state's."""


@lru_cache(maxsize=1024)
def public_holidays(of: str, year: int) -> frozenset[date]:
    """The holidays of `of`, a state's or territory's two letters or `NATIONAL`, in a year.

    A day observed for a holiday of the next year (31 December) belongs to the year it is in.

    Raises:
        ValueError: `of` is not known.
    """
    from holidays import country_holidays

    subdivision = None if of == NATIONAL else of
    try:
        return frozenset(country_holidays("US", subdiv=subdivision, years=year, expand=False))
    except NotImplementedError:
        raise ValueError(f"{of[:100]!r} has no known set of public holidays") from None
