"""The process that is killed: runs the workflow and stops in the middle of its third step.

Its transaction has written the draft's rows and is open, the two steps before it are committed. It says so
in one line on stdout and waits, for as long as it lives. python -m pgunwind.demo.victim reads
{"dsn": ...} from its first line of stdin.
"""

from __future__ import annotations

import json
import sys

from pgunwind import Unwind
from pgunwind.examples.client_to_delivery import ClientToDelivery

STEP = "draft"


def main() -> None:
    """Runs the workflow, and stops for good in the middle of it."""
    line = sys.stdin.readline()
    if not line:
        sys.exit(1)  # the demo was interrupted before it could say more
    dsn = json.loads(line)["dsn"]
    ClientToDelivery(Unwind(dsn), on_step=_stop_in_the_middle).execute()


def _stop_in_the_middle(run_id: str, step: str) -> None:
    if step != STEP:
        return
    print(json.dumps({"run_id": run_id, "step": step}), flush=True)
    sys.stdin.read()
    sys.exit("the process that should have killed this one is gone")


if __name__ == "__main__":
    main()
