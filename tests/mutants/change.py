"""One replacement in a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """What stands between start and end becomes text; operator says of what kind that is."""

    operator: str
    start: int
    end: int
    text: str = ""

    def moved(self, offset: int) -> Change:
        """The same, where this text begins at the offset of another."""
        return Change(self.operator, self.start + offset, self.end + offset, self.text)

    def applied(self, text: str) -> str:
        """The text as it is then."""
        return text[: self.start] + self.text + text[self.end :]
