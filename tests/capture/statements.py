"""Statements of random histories, drawn, on few rows."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from capture.judge import Link, Table
from capture.tables import TABLES


@dataclass(frozen=True)
class Scope:
    """What a history is about. The fewer rows, the more often several write the same one."""

    tables: tuple[Table, ...]
    is_narrow: bool
    """Of each table only the rows whose keys are 1 and 2."""


def scope(dice: Random, links: list[Link]) -> Scope:
    """All tables, or those of one foreign key, or one table."""
    tables = TABLES
    match dice.randrange(4):
        case 0 | 1 if links:
            link = dice.choice(links)
            tables = tuple(table for table in TABLES if table.name in {link.child, link.parent})
        case 0 | 1 | 2:
            tables = (dice.choice(TABLES),)
    return Scope(tables, dice.random() < 0.7)


def values(table: Table, dice: Random, *, is_narrow: bool) -> dict[str, str]:
    """Values for all columns but generated ones, as SQL."""
    numbers = ["1", "2"] if is_narrow else ["1", "2", "3", "4"]
    decimals = ["1", "1.0", "2"] if is_narrow else ["1", "2.0", "2", "3.00", "3"]
    columns = {
        "id": {"b": decimals, "w": ["'a'", "'a '", "'b'"]}.get(table.name, numbers),
        "k": numbers,
        "v": ["'{x}'", "'{x,null}'", "null"] if table.name == "n" else ["'x'", "'y'", "null"],
        "j": ["'{\"a\": 1}'", "'{\"a\":1}'", "null"],
        "u": ["1", "2", "3", "null"],
        "w": ["1", "2", "3", "null"],
        "f": ["1", "2", "null"] if is_narrow else ["1", "2", "3", "null", "null", "null"],
        "g": ["1", "1.0", "null"],
        "d": ["0", "'-0'", "1"],
        "m": ["'low'", "'high'", "null"],
        "l": ["'x'", "'Y'", "null"],
        "x": ["'{\"a\": 1}'", "'{\"a\": 1.0}'", "null"],
        "y": ["'\\x00'", "'\\x0001'", "null"],
        "z": ["'2024-01-01'", "'2024-01-01 00:00:00.000001'", "'infinity'"],
        "r": ["'[1,3)'", "'empty'", "null"],
        "i": ["'1 month'", "'30 days'", "'720 hours'"],
    }
    return {column: dice.choice(columns[column]) for column in table.columns}


def merge(table: Table, column: str, row: dict[str, str]) -> str:
    """Delete, update and insert in one."""
    same = " and ".join(f"t.{each} = s.id" for each in table.key)
    return (
        f"merge into {table.name} as t using (values (1), (2), (3)) as s (id) on {same}"
        f" when matched and s.id = 1 then delete"
        f" when matched then update set {column} = {row[column]}"
        f" when not matched and s.id > 1 then insert ({', '.join(table.key)}) overriding system value"
        f" values ({', '.join('s.id' for _ in table.key)})"
    )


def statement(dice: Random, scope: Scope) -> str:
    """A statement on some table."""
    table = dice.choice(scope.tables)
    row = values(table, dice, is_narrow=scope.is_narrow)
    rows = [row, values(table, dice, is_narrow=scope.is_narrow)][: dice.randrange(1, 3)]
    columns = ", ".join(table.columns)
    listed = ", ".join(f"({', '.join(each[column] for column in table.columns)})" for each in rows)
    conditions = ["true", "id = 1", "id in (1, 3)", "id > 1", "f is null"]
    if table.name == "w":
        conditions = ["true", "id = 'a'", "d = 0", "m is null"]
    some = dice.choice(conditions)
    other = dice.choice([column for column in table.columns if column not in table.key])
    overriding = "overriding system value " if table.name == "n" else ""
    insert = f"insert into {table.name} ({columns}) {overriding}values {listed}"
    key = ", ".join(table.key)
    choices = [
        insert,
        insert,
        f"{insert} on conflict ({key}) do update set {other} = excluded.{other}",
        f"update {table.name} set {other} = {row[other]} where {some}",
        f"update {table.name} set {other} = {row[other]} where {some}",
        f"delete from {table.name} where {some}",
        f"delete from {table.name} where {some}; {insert}",
    ]
    if table.name != "w":
        choices.append(merge(table, other, row))
    if table.name in {"a", "n"}:
        unique = "u" if table.name == "a" else "w"
        choices += 2 * [
            f"update {table.name} set {unique} = {unique} + 100;"
            f" update {table.name} set {unique} = 103 - {unique}"
        ]  # what is unique changes places
    if table.name == "w":
        choices += [f"update w set d = -d where {some}", f"update w set d = d + 1 where {some}"]
    elif table.name == "b":
        choices += [
            f"update b set id = trim_scale(id) where {some}",
            f"update b set id = id * 1.0 where {some}",
        ]
    elif table.name != "n":
        choices.append(f"update {table.name} set id = id + 1 where {some}")
    if table.name == "p":
        choices += [
            "update p set k = 6 - k",
            "insert into p_1 (k, id, v) values (1, 4, 'leaf')",
            "delete from p_3",
        ]
    chosen = dice.choice(choices)
    return f"savepoint s; {chosen}; rollback to s; {insert}" if dice.random() < 0.03 else chosen
