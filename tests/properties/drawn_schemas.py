"""Random schemas with rows and owners, as hypothesis draws them, and as SQL that can be replayed."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

RUNS = ("run 0", "run 1", "run 2")
WORKFLOW = "drawn"
SCHEMA = "drawn"

# How a link is written down: its action as pgunwind sees it, the real constraint, the declared action.
KINDS = {
    "cascade": ("cascade", "on delete cascade", None),
    "cascade, declared": ("cascade", None, "cascade"),
    "cascade over no action": ("cascade", "", "cascade"),
    "cascade over restrict": ("cascade", "on delete restrict", "cascade"),
    "cascade over deferred": ("cascade", "deferrable initially deferred", "cascade"),
    "no action": ("restrict", "", None),
    "restrict": ("restrict", "on delete restrict", None),
    "deferred": ("restrict", "deferrable initially deferred", None),
    "restrict, declared": ("restrict", None, "restrict"),
    "set null": ("set null", "on delete set null", None),
    "set default": ("set null", "on delete set default", None),
    "set null, declared": ("set null", None, "set null"),
    "set null over no action": ("set null", "", "set null"),
}
KEYS = {"int": ("int",), "text": ("text",), "uuid": ("uuid",), "pair": ("int", "varchar(20)")}
UUID = "00000000-0000-4000-8000-{:012d}"


@dataclass(frozen=True)
class Link:
    """How a table refers to another one, or to itself."""

    parent: int
    kind: str
    by_code: bool

    @property
    def action(self) -> str:
        """The action that counts."""
        return KINDS[self.kind][0]


@dataclass(frozen=True)
class Table:
    """A table, its links, and its rows: for each link the number of a row of the parent, or None."""

    key: str
    partitioned: bool
    links: tuple[Link, ...]
    rows: tuple[tuple[int | None, ...], ...]


@dataclass(frozen=True)
class Drawn:
    """An example: tables, the root tables in the order of the steps, who owns which of their rows."""

    tables: tuple[Table, ...]
    steps: tuple[int, ...]
    owners: tuple[tuple[tuple[int, int], int], ...]
    undone: tuple[int, ...]
    way: str


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    """Draw an example: every table may refer to every other, so there are trees, cycles and all between."""
    count = draw(st.integers(2, 12) if draw(st.booleans()) else st.integers(2, 5))
    kinds = [(draw(st.sampled_from(list(KEYS))), draw(st.integers(0, 4)) == 0) for _ in range(count)]
    sizes = [draw(st.integers(0, 5)) for _ in range(count)]
    tables = []
    for number, (key, partitioned) in enumerate(kinds):
        links = []
        for _ in range(draw(st.integers(0, 3))):
            # Mostly to an earlier table, for in a tangle of cycles everything is refused.
            upwards = number > 0 and draw(st.integers(0, 3)) > 0
            parent = draw(st.integers(0, number - 1 if upwards else count - 1))
            by_code = not kinds[parent][1] and draw(st.integers(0, 3)) == 0
            links.append(Link(parent, draw(st.sampled_from(list(KINDS))), by_code))
        rows = tuple(
            tuple(
                draw(st.none() | st.integers(0, sizes[link.parent] - 1)) if sizes[link.parent] else None
                for link in links
            )
            for _ in range(sizes[number])
        )
        tables.append(Table(key, partitioned, tuple(links), rows))
    steps = draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=4, unique=True))
    owners = tuple(
        ((step, row), owner)
        for step in steps
        for row in range(sizes[step])
        if (owner := draw(st.sampled_from([0, 0, 1, 2, None]))) is not None
    )
    undone = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True))
    way = draw(st.sampled_from(["one by one", "together", "in batches", "by sweeps", "step by step"]))
    return Drawn(tuple(tables), tuple(steps), owners, tuple(undone), way)


# As SQL ------------------------------------------------------------------------------------------


def name(table: int) -> str:
    """The name of a table."""
    return f"{SCHEMA}.t{table}"


def key(table: Table, row: int) -> tuple[str, ...]:
    """The primary key of a row, as text."""
    return {
        "int": (str(row),),
        "text": (f"row {row}",),
        "uuid": (UUID.format(row),),
        "pair": (str(row % 2), f"no. {row}"),
    }[table.key]


def key_columns(table: Table) -> list[str]:
    """The names of its primary key's columns."""
    return [f"k{n}" for n in range(len(KEYS[table.key]))]


def link_columns(example: Drawn, table: int, link: int) -> list[tuple[str, str, str]]:
    """Of each linking column: its name, its type, and the parent's column."""
    reference = example.tables[table].links[link]
    parent = example.tables[reference.parent]
    if reference.by_code:
        return [(f"l{link}", "text", "code")]
    return [(f"l{link}_{n}", kind, f"k{n}") for n, kind in enumerate(KEYS[parent.key])]


def link_values(example: Drawn, table: int, link: int, row: int | None) -> list[str | None]:
    """What a row has in those columns."""
    reference = example.tables[table].links[link]
    if row is None:
        return [None] * len(link_columns(example, table, link))
    if reference.by_code:
        return [f"code {row}"]
    return list(key(example.tables[reference.parent], row))


def literal(value: str | None) -> str:
    """A value as SQL."""
    return "null" if value is None else "'" + value.replace("'", "''") + "'"


def script(example: Drawn) -> list[str]:
    """Everything up to the undo: tables, rows, links, the workflow, its runs, and what they recorded."""
    lines = [f"create schema {SCHEMA}"]
    for number, table in enumerate(example.tables):
        columns = [
            f"{column} {kind}" for column, kind in zip(key_columns(table), KEYS[table.key], strict=True)
        ]
        columns += [] if table.partitioned else ["code text unique"]
        columns += [
            f"{column} {kind}"
            for link in range(len(table.links))
            for column, kind, _ in link_columns(example, number, link)
        ]
        columns += [f"primary key ({', '.join(key_columns(table))})"]
        partition = " partition by hash (k0)" if table.partitioned else ""
        lines.append(f"create table {name(number)} ({', '.join(columns)}){partition}")
        lines += [
            f"create table {name(number)}_{n} partition of {name(number)}"
            f" for values with (modulus 2, remainder {n})"
            for n in range(2 if table.partitioned else 0)
        ]
        for row in range(len(table.rows)):
            values = [*key(table, row), *([] if table.partitioned else [f"code {row}"])]
            names = [*key_columns(table), *([] if table.partitioned else ["code"])]
            lines.append(
                f"insert into {name(number)} ({', '.join(names)}) values ({', '.join(map(literal, values))})"
            )
    for number, table in enumerate(example.tables):
        for row, links in enumerate(table.rows):
            assigned = [
                f"{column} = {literal(value)}"
                for link, parent in enumerate(links)
                for (column, _, _), value in zip(
                    link_columns(example, number, link),
                    link_values(example, number, link, parent),
                    strict=True,
                )
                if value is not None
            ]
            if assigned:
                where = " and ".join(
                    f"{column} = {literal(value)}"
                    for column, value in zip(key_columns(table), key(table, row), strict=True)
                )
                lines.append(f"update {name(number)} set {', '.join(assigned)} where {where}")
        for link, reference in enumerate(table.links):
            _, real, declared = KINDS[reference.kind]
            child = [column for column, _, _ in link_columns(example, number, link)]
            parent = [column for _, _, column in link_columns(example, number, link)]
            target = name(reference.parent)
            if real is not None:
                lines.append(
                    f"alter table {name(number)} add foreign key ({', '.join(child)})"
                    f" references {target} ({', '.join(parent)}) {real}"
                )
            if declared is not None:
                lines.append(
                    f"select unwind.declare_foreign_key('{name(number)}', '{{{','.join(child)}}}',"
                    f" '{target}', '{{{','.join(parent)}}}', '{declared}')"
                )
    lines.append(f"select unwind.define_workflow('{WORKFLOW}')")
    lines += [
        f"select unwind.define_step('{WORKFLOW}', 'step {table}', '{name(table)}',"
        f" {', '.join(map(literal, key_columns(example.tables[table])))})"
        for table in example.steps
    ]
    lines += [f"select unwind.start_run('{WORKFLOW}', '{run}')" for run in RUNS]
    lines += [
        f"select unwind.record_step('{RUNS[owner]}', 'step {table}',"
        f" {', '.join(map(literal, key(example.tables[table], row)))})"
        for (table, row), owner in example.owners
    ]
    return lines
