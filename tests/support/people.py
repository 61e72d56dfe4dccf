"""Invented leads with numbers that are nobody's: +1 NPA 555 01XX."""

from collections.abc import Iterator

EASTERN = ("201", "202", "203", "207", "212", "215", "239", "240", "302", "304", "305", "315")
MORE_EASTERN = ("321", "401", "404", "407", "412", "413", "434", "443", "470", "484", "508", "513")


def numbers(count: int, *, codes: tuple[str, ...] = EASTERN + MORE_EASTERN) -> Iterator[str]:
    """That many different numbers, at most 100 an area code.

    Raises:
        ValueError: when the area codes don't yield as many.
    """
    if count > 100 * len(codes):
        raise ValueError(f"{len(codes)} area codes yield {100 * len(codes)} numbers")
    for index in range(count):
        yield f"+1{codes[index // 100]}55501{index % 100:02d}"


def leads(
    count: int, *, codes: tuple[str, ...] = EASTERN + MORE_EASTERN
) -> list[dict[str, object]]:
    """That many leads."""
    return [
        {"phone": phone, "name": f"Person {index}", "external_id": f"p{index}"}
        for index, phone in enumerate(numbers(count, codes=codes))
    ]
