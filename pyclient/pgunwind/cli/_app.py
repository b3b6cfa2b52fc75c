"""The command ``pgunwind``: its commands, and what becomes of an error in any of them."""

from __future__ import annotations

import io
import sys
import traceback
from typing import Any

import click

from ._failures import Exit, Failure, failure_of, without_secrets
from ._options import common, said


class App(click.Group):
    """A group whose commands, where they fail, end with one line; listed in their own order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Those that look, those that undo, those that set up."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what goes wrong is told plainly."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # what its encoding has not got is written as an escape
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError) as error:
            self._debug(error)
            raise
        except click.Abort as error:  # at a question, before anything is done
            self._debug(error)
            raise Failure("interrupted: nothing is changed", code=Exit.INTERRUPTED) from error
        except KeyboardInterrupt as error:
            self._debug(error)
            raise Failure("interrupted", code=Exit.INTERRUPTED) from error
        except Exception as error:
            self._debug(error)
            raise failure_of(error) from error

    def _debug(self, error: BaseException) -> None:
        if said("debug") and not isinstance(error, click.exceptions.Exit | click.UsageError):
            lines = traceback.format_exception(error)
            click.echo(without_secrets("".join(lines)), err=True)


@click.group(cls=App, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(package_name="pgunwind", message="%(package)s %(version)s")
@common
def main() -> None:
    """Undo failed workflow runs inside PostgreSQL."""
