"""A record as a report names it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """The key of a record, with its code and name as they were when the report was computed."""

    id: int
    code: str
    name: str

    def __str__(self) -> str:
        return self.name
