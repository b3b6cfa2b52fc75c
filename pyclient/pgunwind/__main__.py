"""Makes ``python -m pgunwind`` work, and says what to install if it cannot."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    try:
        from pgunwind import cli
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit("click is missing: pip install 'pgunwind[cli]'")
    cli.main(prog_name="pgunwind" if sys.argv[0].endswith("pgunwind") else "python -m pgunwind")


if __name__ == "__main__":
    main()
