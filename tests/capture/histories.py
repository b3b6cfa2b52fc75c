"""Random runs among committed work of others, and their undos, judged; with foreign keys of all kinds."""

from __future__ import annotations

from collections import Counter
from random import Random

import psycopg

from capture.actions import ACTIONS, restore, undo
from capture.example import Example
from capture.statements import scope
from capture.tables import Database, links

NEIGHBOURS = 10
"""So many seeds share their foreign keys, and the undos that are kept for them."""


def play(database: Database, seed: int) -> Counter[str]:
    """Play the history of a seed, and judge each undo; a failure names it. How the undos ended."""
    database.clear()
    database.refer(links(Random(seed // NEIGHBOURS)))
    database.pull_triggers(seed % NEIGHBOURS < NEIGHBOURS // 2)
    dice = Random(seed)
    about = scope(dice, database.links)
    example = Example(database)
    try:
        for _ in range(dice.randrange(2, 10)):
            dice.choice(ACTIONS)(example, dice, about)
        for _ in range(4):
            undo(example, dice, about)
            restore(example, dice, about)
    except (AssertionError, psycopg.Error) as error:
        error.add_note("\n".join([f"the history of seed {seed}:", *example.lines]))
        raise
    return example.outcomes
