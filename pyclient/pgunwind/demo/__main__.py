"""python -m pgunwind.demo: plays the scenario, shows it, and fails if anything is not as promised."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from pgunwind.demo import incident, page
from pgunwind.demo.checks import Finding, judge, judge_incident
from pgunwind.demo.database import demo_database
from pgunwind.demo.display import Screen
from pgunwind.demo.evidence import snapshot
from pgunwind.demo.scenario import Story, play
from pgunwind.demo.server import ServerError


def main() -> int:
    """Returns the exit status: 0 if every promise is kept, 1 if not, 2 without a server, 130 after Ctrl-C."""
    try:
        return demonstrate()
    except ServerError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: nothing is left of it", file=sys.stderr)
        return 128 + signal.SIGINT


def demonstrate() -> int:
    """Plays the scenario and shows it; returns 1 if anything is not as promised, else 0."""
    started = time.monotonic()
    screen = Screen()
    screen.title()
    with demo_database() as dsn, psycopg.connect(dsn, autocommit=True) as conn:
        story = play(dsn, conn, tell=screen.line)
        present(story, screen)
        aftermath = endure(dsn, conn, screen)
        evidence = page.write(conn, aftermath.run_ids)
        version = conn.info.parameter_status("server_version") or "of unknown version"
    status = decide([*judge(story), *judge_incident(aftermath)], screen)
    screen.end(version, time.monotonic() - started, evidence)
    return status


def present(story: Story, screen: Screen) -> None:
    """Shows all of a story."""
    screen.runs(story)
    screen.typed(story)
    screen.rows(story)


def endure(dsn: str, conn: psycopg.Connection[Any], screen: Screen) -> incident.Incident:
    """Lets an incident happen, undoes it by one command, and takes one undo back, and that back again."""
    incident.capture(conn)
    screen.incident(incident.RUNS)
    before = snapshot(conn)
    run_ids = incident.break_out(conn)
    during = snapshot(conn)
    screen.command(incident.COMMAND)
    incident.type_in(dsn)
    screen.taking_back()
    for word in ("restore", "undo"):
        command = (word, min(run_ids), "--yes", "--json")  # the one that the incident's last line names
        screen.command(command)
        screen.line(incident.told(dsn, command))
        if word == "restore":
            taken_back = snapshot(conn)
    return incident.look_back(conn, run_ids, before, during, taken_back)


def decide(findings: Sequence[Finding], screen: Screen) -> int:
    """Shows what was found; returns 1 if anything is not as promised, else 0."""
    screen.findings(findings)
    return 0 if all(finding.so for finding in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
