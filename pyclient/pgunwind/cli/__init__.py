"""The command line: ``pgunwind``, or ``python -m pgunwind``; a file for each command, which calls the client.

What they share: _app.py (errors), _options.py, _database.py (where it is), _failures.py (exit codes),
_screen.py (tables, JSON), _bar.py (progress), _times.py, _views.py (what is selected from views).
"""

from ._app import main
from ._failures import Exit
from .check import check
from .completion import completion
from .demo import demo
from .evidence import evidence
from .grant import grant
from .graph import graph
from .install import install, install_sql
from .migrate import migrate
from .orphans import orphans
from .preview import preview
from .recover import recover
from .restore import restore
from .runs import runs
from .show import show
from .status import status
from .suggest import suggest
from .undo import undo
from .uninstall import uninstall

__all__ = ["Exit", "main"]

for command in (
    status, runs, show, preview, undo, restore, recover, check, orphans, evidence, suggest, graph,
    install, install_sql, migrate, grant, uninstall, demo, completion,
):  # fmt: skip
    main.add_command(command)
