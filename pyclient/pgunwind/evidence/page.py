"""A document of evidence as a page: HTML, Markdown or JSON."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, Final

import jinja2

from .story import Story, moment, shown

Document = Mapping[str, Any]
"""What Unwind.describe_runs gives."""

MARK: Final = "pgunwind-evidence"
"""The id of the element that holds the document."""


def write(document: Document, form: str = "html") -> str:
    """Return the document as a page.

    The same document gives the same page, to the letter: `check` relies on it.

    Raises: ValueError (another format than those of FORMATS).
    """
    if form not in FORMATS:
        raise ValueError(f"no format {form!r}: there are {', '.join(FORMATS)}")
    return FORMATS[form](document)


def written_by() -> str:
    """Return which pgunwind makes pages here."""
    return f"pgunwind {version('pgunwind')}"


def packed(document: Document) -> str:
    """Return the document as it lies in a page: two thousand runs are to stay below two megabytes."""
    data = json.dumps({"written_by": written_by(), "evidence": document}, sort_keys=True).encode()
    return base64.b64encode(gzip.compress(data, compresslevel=9, mtime=0)).decode("ascii")


def unpacked(text: str) -> tuple[str, Document]:
    """Return who wrote a page, and its document.

    Raises: ValueError (nothing of ours, or damaged).
    """
    try:
        data = json.loads(gzip.decompress(base64.b64decode(text, validate=True)))
        return str(data["written_by"]), dict(data["evidence"])
    except (OSError, EOFError, KeyError, TypeError) as error:
        raise ValueError(str(error)) from error


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__ or "pgunwind.evidence"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["shown"] = shown
    environment.filters["cell"] = _markdown_cell
    environment.filters["moment"] = moment
    return environment


def _templated(name: str) -> Callable[[Document], str]:
    def made(document: Document) -> str:
        return (
            _environment()
            .get_template(name)
            .render(story=Story(document), data=packed(document), mark=MARK, written_by=written_by())
        )

    return made


def _markdown_cell(value: object) -> str:
    """Return a value as code in a table's cell, whatever is in it."""
    text = shown(value).replace("|", "\\|")
    fence = "`" * (1 + max((len(run) for run in _runs_of_backticks(text)), default=0))
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _runs_of_backticks(text: str) -> list[str]:
    return [part for part in "".join(c if c == "`" else " " for c in text).split() if part]


def _as_json(document: Document) -> str:
    return json.dumps({"written_by": written_by(), "evidence": document}, indent=2, sort_keys=True) + "\n"


FORMATS: Final[Mapping[str, Callable[[Document], str]]] = {
    "html": _templated("page.html"),
    "markdown": _templated("page.md"),
    "json": _as_json,
}
"""The formats of pages, and what makes them."""
