"""Makes ``python -m pgunwind`` work, and says what to install if it cannot."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line."""
    try:
        from pgunwind import cli
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        sys.exit(f"{error.name} is missing: pip install 'pgunwind[cli]'")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    name = "pgunwind" if sys.argv[0].endswith("pgunwind") else "python -m pgunwind"
    cli.main(prog_name=name, complete_var="_PGUNWIND_COMPLETE")


if __name__ == "__main__":
    main()
