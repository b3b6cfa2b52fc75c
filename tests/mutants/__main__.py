"""`python -m mutants [--seed 1] [--count 150] [--jobs 2] [--of PATH]`, with tests/ on the path."""

from __future__ import annotations

import queue
import signal
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from pathlib import Path

import click

from .mutant import Mutant, draw
from .playing import ROOT, Copy, Outcome, copy

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


def claimed_equivalent() -> set[tuple[str, str, str]]:
    """The survivors that somebody has explained."""
    listed = tomllib.loads(EQUIVALENT.read_text()).get("mutant", [])
    return {(entry["file"], entry["before"], entry["after"]) for entry in listed if entry["why"]}


def is_claimed(mutant: Mutant) -> bool:
    return (mutant.file, mutant.before, mutant.after) in claimed_equivalent()


@click.command()
@click.option("--seed", default=1, show_default=True, help="Which mutants are drawn.")
@click.option("--count", default=150, show_default=True, help="How many.")
@click.option("--skip", default=0, show_default=True, help="The first so many, played before.")
@click.option("--jobs", default=2, show_default=True, help="Played at a time, each in a copy of the tree.")
@click.option("--patience", default=900.0, show_default=True, help="Seconds of tests for each.")
@click.option("--of", default="", metavar="PATH", help="Only those of files whose path holds this.")
def main(seed: int, count: int, skip: int, jobs: int, patience: float, of: str) -> None:
    """Change the engine and the client in small ways, and list the changes that no test notices."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # shells ignore it for what runs in the background
    mutants = draw(ROOT, seed, count, of)[skip:]
    copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    started = time.monotonic()

    def play(mutant: Mutant) -> Outcome:
        free = copies.get()
        try:
            return free.play(mutant)
        finally:
            copies.put(free)

    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        for _ in range(jobs):
            copies.put(stack.enter_context(copy(patience)))
        pool = ThreadPoolExecutor(jobs)
        stack.callback(pool.shutdown, cancel_futures=True)
        try:
            for future in as_completed([pool.submit(play, mutant) for mutant in mutants]):
                outcomes.append(future.result())
                show(outcomes[-1], f"{len(outcomes)}/{len(mutants)}, {time.monotonic() - started:.0f} s")
        except KeyboardInterrupt:
            click.echo("\nNo more: those that are being played are played to their end.")
    report(outcomes)


def show(outcome: Outcome, progress: str) -> None:
    """One outcome, as it comes."""
    click.echo(f"[{progress}] {outcome.verdict}: {outcome.mutant}\n  {outcome.by}".rstrip())


def report(outcomes: list[Outcome]) -> None:
    """The rate, and every survivor."""
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    survivors = [outcome.mutant for outcome in outcomes if outcome.verdict == "survived"]
    unexplained = [mutant for mutant in survivors if not is_claimed(mutant)]
    viable = verdicts["killed"] + len(survivors)
    click.echo(
        f"\n{len(outcomes)} mutants, {verdicts['not viable']} not viable, {verdicts['unclear']} unclear: "
        f"{verdicts['killed']} of {viable} killed ({verdicts['killed'] / max(viable, 1):.0%}), "
        f"{len(survivors) - len(unexplained)} claimed equivalent, {len(unexplained)} survived\n"
    )
    for mutant in sorted(unexplained, key=lambda mutant: (mutant.file, mutant.line)):
        click.echo(str(mutant))
    raise SystemExit(bool(unexplained))


if __name__ == "__main__":
    main(prog_name="make mutants")
