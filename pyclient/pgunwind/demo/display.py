"""Shows the story: in colour on a terminal, as plain text of fixed width anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.box import ASCII, SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from pgunwind.demo.checks import Finding
from pgunwind.demo.scenario import Chapter, Story, Typed

PLAIN_WIDTH = 80


class Screen:
    """Where the demo writes to."""

    def __init__(self) -> None:
        self._colour = sys.stdout.isatty()
        self._console = (
            Console(markup=False, highlight=False, emoji=False)
            if self._colour
            else Console(
                width=PLAIN_WIDTH,
                color_system=None,
                force_terminal=False,
                markup=False,
                highlight=False,
                emoji=False,
            )
        )

    def title(self) -> None:
        """Says what is coming."""
        self._heading("pgunwind: four runs of one workflow, three of them fail")

    def line(self, text: str, style: str | None = None) -> None:
        """Writes one line, however long."""
        self._console.print(text, style=style, soft_wrap=True)

    def runs(self, story: Story) -> None:
        """One line a run: its status and how many rows were undone."""
        self._heading("What became of them")
        self._table(
            ("run", "what happened", "status", "rows undone", "error"),
            [(run.label, run.happened, run.status, _undone(run), _reason(run)) for run in story.chapters],
            numbers=("rows undone",),
        )

    def typed(self, story: Story) -> None:
        """Statements as a DBA types them, each with its answer."""
        self._heading("How run D was undone: typed into psql")
        for typed in story.typed:
            self.line(f"{typed.statement};", style="cyan")
            self._answer(typed)

    def rows(self, story: Story) -> None:
        """One line a table: rows before, deleted by each run, and after."""
        self._heading("Rows in each table: before, deleted by each undo, and after")
        undone = [chapter for chapter in story.chapters if chapter.rows_left is not None]
        deleted = [_deleted(chapter) for chapter in undone]
        lines = [
            (table, before, *(rows.get(table, 0) for rows in deleted), story.after.counts[table])
            for table, before in story.before.counts.items()
        ]
        total = ("all", *(sum(column) for column in zip(*(line[1:] for line in lines), strict=True)))
        columns = ("table", "before", *(f"of {chapter.label}" for chapter in undone), "after")
        self._table(columns, [*lines, total], numbers=columns[1:])

    def incident(self, runs: int) -> None:
        """Says what is coming next."""
        self._heading(f"An incident: {runs} runs fail, and nobody undoes them")

    def taking_back(self) -> None:
        """Says what is done with one of them."""
        self.line("The undo of one is taken back, and done again:")

    def command(self, words: Sequence[str]) -> None:
        """A command as an operator types it into a shell."""
        self.line(f"$ pgunwind {' '.join(words)}", style="cyan")

    def findings(self, findings: Iterable[Finding]) -> None:
        """One line a promise, kept or not."""
        self._heading("Is it so?")
        for finding in findings:
            if finding.so:
                self.line(f"  yes     {finding.promise}", style="green")
            else:
                self.line(f"  NOT SO  {finding.promise}: {finding.instead}", style="bold red")

    def end(self, version: str, seconds: float, evidence: Path) -> None:
        """What is left of it, where it ran and how long it took."""
        self.line("")
        self.line(f"Evidence of the incident: {evidence}")
        self.line(f"PostgreSQL {version}, {seconds:.1f} s")

    def _heading(self, text: str) -> None:
        self.line("")
        self.line(text, style="bold")
        if not self._colour:
            self.line("-" * len(text))

    def _answer(self, typed: Typed) -> None:
        if typed.rows:
            numbers = tuple(name for name in typed.columns if isinstance(_first(typed, name), int))
            self._table(typed.columns, typed.rows, numbers=numbers)
        else:
            self.line(f"  {' | '.join(typed.columns)}")
            self.line("  (0 rows)")

    def _table(
        self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()
    ) -> None:
        table = Table(box=SIMPLE_HEAD if self._colour else ASCII, header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        self._console.print(table)


def _first(typed: Typed, column: str) -> object:
    return typed.rows[0][typed.columns.index(column)]


def _undone(chapter: Chapter) -> int:
    return sum(receipt.rows_deleted for receipt in chapter.receipts)


def _deleted(chapter: Chapter) -> dict[str, int]:
    """Rows deleted by table. Receipts name tables with their schema where it is needed."""
    return {receipt.table_name.rpartition(".")[2]: receipt.rows_deleted for receipt in chapter.receipts}


def _reason(chapter: Chapter) -> str:
    """Errors say why first, and of which entity after a colon; its long id is of no use here."""
    return (chapter.error or "").partition(":")[0]
