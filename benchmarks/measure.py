"""Says what one measurement is: a figure and the peer or limit that it stands beside."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure with its reference, both in the same unit.

    Attributes:
        name: stable, lower case with underscores.
        value: what was measured.
        unit: of both figures, such as "rows/s" or "ms".
        reference: the peer measured in the same run, or the limit.
        reference_value: the reference's figure; above zero.
        ratio: value over reference_value.

    Raises:
        ValueError: reference_value is not above zero.
    """

    name: str
    value: float
    unit: str
    reference: str
    reference_value: float
    ratio: float = field(init=False)

    def __post_init__(self) -> None:
        if self.reference_value <= 0:
            raise ValueError("a reference is a figure above zero")
        object.__setattr__(self, "ratio", self.value / self.reference_value)

    def as_row(self) -> dict[str, str | float]:
        """The fields in order, ready for JSON."""
        return asdict(self)
