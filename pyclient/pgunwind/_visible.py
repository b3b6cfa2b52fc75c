"""Text that hides nothing, for terminals and for pages."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return the text with what would be obeyed or hidden, or turns text around, written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
