"""What the demo promises, each promise held against the story."""

from __future__ import annotations

from dataclasses import dataclass

from pgunwind.demo.incident import Incident
from pgunwind.demo.scenario import Chapter, Story


@dataclass(frozen=True, slots=True)
class Finding:
    """A promise, whether it is so, and if not, what is so instead."""

    promise: str
    so: bool
    instead: str = ""


def judge(story: Story) -> list[Finding]:
    """Holds every promise against the story."""
    return [
        *(_ended_as_expected(chapter) for chapter in story.chapters),
        _was_killed(story),
        *(_leaves_no_row(chapter) for chapter in story.chapters if chapter.rows_left is not None),
        Finding("no orphans", story.orphans == 0, f"{story.orphans} orphans"),
        _same_counts(story),
        _same_content(story),
        _undone_once(story),
    ]


def judge_incident(aftermath: Incident) -> list[Finding]:
    """Holds every promise about the incident against what became of it."""
    runs = sum(aftermath.statuses.values())
    wrote = aftermath.during.total - aftermath.before.total
    return [
        Finding(
            f"the {runs} runs of the incident are COMPENSATED",
            set(aftermath.statuses) == {"COMPENSATED"},
            f"they are {aftermath.statuses}",
        ),
        Finding(
            f"every table is what it was, byte for byte, and {wrote:,} rows had come",
            aftermath.after == aftermath.before and wrote > 0,
            f"{aftermath.after.total - aftermath.before.total:,} more rows, or others",
        ),
        Finding(
            f"an undo that was taken back had brought back {wrote // runs} rows",
            aftermath.taken_back.total - aftermath.before.total == wrote // runs,
            f"{aftermath.taken_back.total - aftermath.before.total:,} rows were back",
        ),
    ]


def _ended_as_expected(chapter: Chapter) -> Finding:
    return Finding(
        f"{chapter.label} is {chapter.expected}",
        chapter.status == chapter.expected,
        f"{chapter.label} is {chapter.status}",
    )


def _was_killed(story: Story) -> Finding:
    return Finding(
        "D's process was at work until it was killed",
        story.killed,
        "it had ended by itself",
    )


def _leaves_no_row(chapter: Chapter) -> Finding:
    return Finding(
        f"verify_run finds no row of {chapter.label}",
        chapter.rows_left == 0,
        f"{chapter.rows_left} rows are left",
    )


def _same_counts(story: Story) -> Finding:
    before, after = story.before.counts, story.after.counts
    changed = [
        f"{table} {before[table]} -> {after[table]}" for table in before if before[table] != after[table]
    ]
    return Finding("every table has as many rows as before B, C and D", not changed, ", ".join(changed))


def _same_content(story: Story) -> Finding:
    before, after = story.before.checksums, story.after.checksums
    changed = [table for table in before if before[table] != after[table]]
    return Finding(
        f"A's {story.before.total} rows are what they were, byte for byte",
        not changed and story.before.total > 0,
        f"changed in {', '.join(changed)}" if changed else "A has no rows",
    )


def _undone_once(story: Story) -> Finding:
    first = story.chapters[-1].receipts
    return Finding(
        "compensating D again returns the same receipts",
        story.repeated == first,
        f"{len(first)} receipts, then {len(story.repeated)}",
    )
