"""Whether whoever is there agrees, before anything is changed."""

from __future__ import annotations

import sys

import click

from ._failures import Exit, Failure


def expect_somebody() -> None:
    """Refuse where nobody can be asked."""
    if not sys.stdin.isatty():
        raise Failure("nobody is there to ask; nothing is changed", "If it is meant, add --yes.", Exit.USAGE)


def confirm() -> None:
    """Ask whether to go on."""
    if not click.confirm("Go on?"):
        raise not_confirmed()


def not_confirmed() -> Failure:
    """What is told where the answer was no."""
    return Failure("not confirmed: nothing is changed")
