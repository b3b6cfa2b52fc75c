"""Workflow processes under load, each killed with SIGKILL at a random point, while sweepers are at work.

    python tests/stress/kill_matrix.py --dsn "dbname=…" --processes 300 [--seed N]

The database needs the engine and client_to_delivery. Afterwards every run is COMPLETED or COMPENSATED; the
rows of every completed one are all there, of every other none; no orphans. The seed that is printed plays it
again.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Callable

from load import fail, fork, judge, reap, recover, sweep_for_ever, workflows

AT_ONCE = 4
SWEEPERS = 2


def main() -> None:
    """Play it, and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--processes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    chance = random.Random(arguments.seed)

    sweepers = [fork(sweeping(arguments.dsn)) for _ in range(SWEEPERS)]
    killed = 0
    try:
        at_work: dict[int, float] = {}
        started = 0
        while started < arguments.processes or at_work:
            while started < arguments.processes and len(at_work) < AT_ONCE:
                started += 1
                seed = chance.randrange(1 << 32)
                at_work[fork(working(arguments.dsn, seed))] = time.monotonic() + chance.uniform(0, 0.15)
            for pid, end in list(at_work.items()):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    fail("a process ended before it was killed")
                if time.monotonic() >= end:
                    reap(pid)
                    killed += 1
                    del at_work[pid]
            time.sleep(0.001)
    finally:
        for sweeper in sweepers:
            reap(sweeper)
    recover(arguments.dsn)
    print(f"{killed} processes killed at work: {judge(arguments.dsn)}")


def working(dsn: str, seed: int) -> Callable[[], None]:
    """The work of one process: one workflow after another, until it is killed."""
    return lambda: workflows(dsn, seed)


def sweeping(dsn: str) -> Callable[[], None]:
    """The work of a sweeper."""
    return lambda: sweep_for_ever(dsn)


if __name__ == "__main__":
    main()
