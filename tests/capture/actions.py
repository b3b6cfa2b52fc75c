"""What happens in random histories, drawn: statements, undos, and situations that chance seldom makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from capture.example import Example
from capture.judge import Link, Table
from capture.statements import Scope, statement
from capture.tables import TABLES

ON_CONFLICT = ("refuse", "skip", "merge")
Action = Callable[[Example, Random, Scope], None]


def write(example: Example, dice: Random, scope: Scope) -> None:
    """A transaction, of a run's or of somebody else's."""
    run = dice.choice([*example.runs[-3:], *example.runs[-3:], None, None])
    example.play(run, *(statement(dice, scope) for _ in range(dice.randrange(1, 4))))


def undo(example: Example, dice: Random, _: Scope) -> None:
    """The undo of a run, or of several together."""
    example.undo(dice.sample(example.runs, dice.choice([1, 1, 1, 2, 3])), dice.choice(ON_CONFLICT))


def restore(example: Example, dice: Random, _: Scope) -> None:
    """An undo taken back, or several."""
    undos = list(example.judge.undos)
    if undos:
        chosen = dice.sample(undos, min(len(undos), dice.choice([1, 1, 2])))
        example.restore(chosen, dice.choice(ON_CONFLICT))


def foresee(example: Example, dice: Random, _: Scope) -> None:
    """A look at what the undo of a run would do."""
    example.foresee(dice.choice(example.runs))


# One row, written by several ----------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A column of a row, its values, and ways to write its key."""

    table: str
    key: str
    rows: tuple[str, ...]
    column: str
    values: tuple[str, ...]

    def become(self, dice: Random, value: str | None) -> str:
        """Write this value, or delete the row."""
        row = dice.choice(self.rows)
        delete = f"delete from {self.table} where ({self.key}) = ({row})"
        insert = (
            f"insert into {self.table} ({self.key}, {self.column}) overriding system value"
            f" values ({row}, {value})"
        )
        if value is None:
            return delete
        if dice.random() < 0.3:
            return f"{delete}; {insert}"
        return f"{insert} on conflict ({self.key}) do update set {self.column} = excluded.{self.column}"


CELLS = (
    Cell("a", "id", ("5",), "v", ("'x'", "'y'", "'z'", "null")),
    Cell("a", "id", ("5",), "j", ("'{\"a\": 1}'", "'{\"a\":1}'", "'{\"a\": 1.0}'", "null")),
    Cell("b", "id", ("5", "5.0", "5.00"), "g", ("1", "1.0", "1.00", "2")),
    Cell("n", "id", ("5",), "v", ("'{x}'", "'{x,null}'", "'{}'", "null")),
    Cell("p", "k, id", ("1, 5",), "v", ("'x'", "'y'", "'z'", "null")),
    Cell("w", "id, d", ("'e', 0", "'e ', '-0'"), "x", ("'{\"a\": 1}'", "'{\"a\": 1.0}'", "'[]'", "null")),
)


def write_one_row(example: Example, dice: Random, _: Scope) -> None:
    """All write it, one after the other, and some are undone meanwhile."""
    cell = dice.choice(CELLS)
    runs = example.live(dice, 3)
    for _ in range(dice.randrange(3, 9)):
        value = dice.choice([None, None, *cell.values])
        example.play(dice.choice([*runs, *runs, None]), cell.become(dice, value))
        if dice.random() < 0.3:
            example.undo([dice.choice(runs)], dice.choice(ON_CONFLICT))


def inherit(example: Example, dice: Random, scope: Scope) -> None:
    """Several runs find, or leave, what the first one left, and some are undone; then it is skipped."""
    cell = dice.choice(CELLS)
    first, *others, last = example.live(dice, 4)
    before, left, after = dice.sample(cell.values, 3)
    example.play(None, cell.become(dice, dice.choice([before, None])))
    example.play(first, cell.become(dice, left))
    for run in others:
        match dice.randrange(3):
            case 0:
                example.play(run, cell.become(dice, after))
                example.undo([run], "refuse")
            case 1:
                example.play(run, cell.become(dice, after))
                example.play(None, cell.become(dice, left))
            case 2:
                example.play(None, cell.become(dice, after))
                example.play(run, cell.become(dice, left))
    example.play(last, cell.become(dice, after))
    example.undo([first], "skip")
    for run in dice.sample([*others, last], 3):
        example.undo([run], dice.choice(ON_CONFLICT))
        if dice.random() < 0.3:
            restore(example, dice, scope)


# Rows that refer to each other --------------------------------------------------------------------

PARENT, CHILD = "7", "8"


def insert(table: Table, key: str, **values: str) -> str:
    """Insert a row of this key, which also is what is unique; k is what all of them have."""
    row = {column: key for column in (*table.unique, *table.key)} | values
    if "k" in table.key:
        row["k"] = "5"
    columns = ", ".join(row)
    return f"insert into {table.name} ({columns}) overriding system value values ({', '.join(row.values())})"


def where(table: Table, key: str) -> str:
    """Which row that is."""
    return " and ".join(f"{column} = {'5' if column == 'k' else key}" for column in table.key)


def delete(table: Table, key: str) -> str:
    """Delete it."""
    return f"delete from {table.name} where {where(table, key)}"


def insert_child(table: Table, link: Link) -> str:
    """Insert a row that refers to the parent."""
    return insert(table, CHILD, **dict.fromkeys(link.columns, PARENT))


def refer(table: Table, link: Link, value: str) -> str:
    """Update a row to refer to the parent, or to nothing."""
    columns = [column for column in link.columns if column not in table.key]
    changes = ", ".join(f"{column} = {value}" for column in columns)
    return f"update {table.name} set {changes} where {where(table, CHILD)}"


def family(example: Example, dice: Random) -> tuple[Link, Table, Table] | None:
    """A foreign key and its tables; other parents are there."""
    if not example.judge.links:
        return None
    link = dice.choice(example.judge.links)
    child, parent = (example.judge.table(name) for name in (link.child, link.parent))
    others = {each.parent for each in example.judge.links if each.child == link.child} - {link.parent}
    example.play(None, *(insert(example.judge.table(name), PARENT) for name in sorted(others)))
    return link, child, parent


def depend(example: Example, dice: Random, _: Scope) -> None:
    """Somebody else refers to a row, or to a value, that is a run's."""
    chosen = family(example, dice)
    if chosen is None:
        return
    link, child, parent = chosen
    run, other, _ = example.live(dice, 3)
    who = dice.choice([other, None])
    column = link.parent_columns[-1]
    if column in parent.key or dice.random() < 0.5:
        example.play(run, insert(parent, PARENT))
    else:
        example.play(None, insert(parent, PARENT, **{column: "9"}))
        example.play(run, f"update {parent.name} set {column} = {PARENT} where {column} = 9")
    if dice.random() < 0.5:
        example.play(who, insert_child(child, link))
    else:
        example.play(None, insert(child, CHILD))
        example.play(who, refer(child, link, PARENT))
    example.undo([run], dice.choice(ON_CONFLICT))
    example.undo([run, other], dice.choice(ON_CONFLICT))


def come_back(example: Example, dice: Random, _: Scope) -> None:
    """A run has a row that referred to another one, which others deleted, and then the run made anew."""
    chosen = family(example, dice)
    if chosen is None:
        return
    link, child, parent = chosen
    run, other, _ = example.live(dice, 3)
    example.play(None, insert(parent, PARENT), insert_child(child, link))
    example.play(
        run,
        dice.choice([f"delete from {child.name} where {where(child, CHILD)}", refer(child, link, "null")]),
    )
    example.play(dice.choice([other, None]), f"delete from {parent.name} where {where(parent, PARENT)}")
    example.play(run, insert(parent, PARENT))
    example.undo([run], dice.choice(ON_CONFLICT))
    example.undo([run, other], dice.choice(ON_CONFLICT))


def move_unique_values(example: Example, dice: Random, _: Scope) -> None:
    """What is unique goes from a row that a run deletes to one that it inserts, or the other way as well."""
    table = dice.choice([table for table in TABLES if len(table.unique) > 1])
    unique = table.unique[1]
    run, *_ = example.live(dice, 1)
    example.play(None, insert(table, PARENT))
    moved = [
        f"delete from {table.name} where {where(table, PARENT)}",
        insert(table, CHILD, **{unique: PARENT}),
    ]
    if dice.random() < 0.5:
        moved.append(insert(table, PARENT, **{unique: CHILD}))
    example.play(run, *moved)
    example.undo([run], dice.choice(ON_CONFLICT))


ACTIONS: tuple[Action, ...] = (
    *(write,) * 9,
    *(undo,) * 2,
    *(restore,) * 2,
    foresee,
    *(write_one_row, inherit, depend, come_back, move_unique_values),
)
