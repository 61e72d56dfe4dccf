"""Which variant of a campaign calls a lead: drawn once, by weight, from the lead's number.

The draw is weighted rendezvous hashing: each variant names a waiting time for the number, and the
shortest wins. Times are exponential with the weight as their rate, so a variant wins in
proportion to its weight; and since they don't depend on each other, a variant that is retired
leaves its numbers to the others in proportion to theirs, and one that is added takes from each
its share. Sources: D. G. Thaler and C. V. Ravishankar, "Using name-based mappings to increase hit
rates", IEEE/ACM Transactions on Networking 6 (1998) 1-14; for weights by the logarithm:
C. Schindelhauer and G. Schomaker, "Weighted distributed hash tables", SPAA 2005, 218-227.

The hash is SHA-256 over the 16 bytes of the campaign's id, the 16 bytes of the variant's id and
the number in E.164 as ASCII. Its first 52 bits (big-endian) are an integer k; the waiting time is
-ln((k + 1/2) / 2^52) / weight. The lead's own id plays no part: a copy of it draws the same.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

MAX_ACTIVE = 10
"""Variants that a campaign may draw at once: among more, none gets enough calls to tell."""

MAX_WEIGHT = 1_000

_BITS = 52
_SHIFT = 64 - _BITS


@dataclass(frozen=True, slots=True)
class Weighted:
    """A variant among those that are drawn.

    Attributes:
        variant_id: The variant.
        weight: 0 to `MAX_WEIGHT`; 0 is never drawn.
    """

    variant_id: UUID
    weight: int


def draw(campaign_id: UUID, phone: str, among: Sequence[Weighted]) -> UUID | None:
    """The variant of a number, whatever the order of `among`; None when nothing has a weight."""
    drawn = [one for one in among if one.weight > 0]
    if not drawn:
        return None
    return min(drawn, key=lambda one: (_wait(campaign_id, phone, one), one.variant_id)).variant_id


def _wait(campaign_id: UUID, phone: str, one: Weighted) -> float:
    hashed = hashlib.sha256(campaign_id.bytes + one.variant_id.bytes + phone.encode("ascii"))
    k = int.from_bytes(hashed.digest()[:8], "big") >> _SHIFT
    return -math.log((k + 0.5) / (1 << _BITS)) / one.weight
