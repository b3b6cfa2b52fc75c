"""Writers, undos that leave no images, restores and ALTER TABLEs: balances are the sum of what is booked.

Each writer books what it adds to a balance in a table that is not captured; who undoes a run, or restores it,
says so there in the same transaction. There is no trigger, so that undos of single runs need not be captured.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg

from at_once import Session, work_at_once

ACCOUNTS = 300
SETUP = f"""
create table account (id int primary key, balance bigint not null default 0);
create table entry (
    part int, id int, account int not null references account, amount int not null, primary key (part, id)
);
create index on entry (account);
create table booked (run text, account int, part int, id int, amount int, undone bool not null default false);
create index on booked (run);
create sequence ids;
insert into account select n from generate_series(1, {ACCOUNTS}) as n;
select unwind.define_workflow('w'), unwind.capture_table('account', 'entry');
"""
MIRRORED = """
select exists (
    select from unwind_internal.restorable_runs as s
    where s.is_mirrored and s.run = (select number from unwind.workflow_runs where id = %s)
)"""


class Books(Session):
    """One of those at work."""

    def book(self, run: str | None) -> None:
        """A transaction that adds to balances, and to what is booked; it locks rows in the engine's order."""
        accounts = sorted(self.dice.sample(range(1, ACCOUNTS + 1), self.dice.choice([1, 1, 2])))
        with self.conn.transaction():
            if run is not None:
                self.engine("select unwind.enter_run(%s)", run)
            amounts = {account: self.dice.choice([0, self.dice.randrange(10**6)]) for account in accounts}
            for account, amount in amounts.items():
                if amount:
                    self.conn.execute(
                        "update account set balance = balance + %s where id = %s", [amount, account]
                    )
            for account, amount in amounts.items():
                self.conn.execute(
                    "with e as (insert into entry (part, id, account, amount)"
                    " values (%s, nextval('ids'), %s, %s) returning *)"
                    " insert into booked select %s, account, part, id, amount from e",
                    [self.dice.randrange(3), account, amount, run],
                )

    def run(self) -> None:
        """A run of one transaction, or of several."""
        run = f"{self.number}.{self.ended.total()}"
        self.engine("select unwind.start_run('w', %s)", run)
        for _ in range(self.dice.choice([1, 1, 3])):
            self.book(run)

    def other(self) -> None:
        """Work that is no run's."""
        self.book(None)

    def undo(self) -> None:
        """Undo some run, or see that it cannot be."""
        self.turn("compensate_run", "status in ('RUNNING', 'FAILED')", undone=True)

    def restore(self) -> None:
        """Take an undo back, or see that it cannot be."""
        self.turn("restore_run", "status = 'COMPENSATED'", undone=False)

    def alter(self) -> None:
        """Add a column, or drop one; not too often, for an undo that was made before is captured then."""
        table = self.dice.choice(["account", "entry"])
        for change in ("add more int default 7", "drop more"):
            time.sleep(0.3)
            self.conn.execute(f"alter table {table} {change}".encode())

    def turn(self, call: str, which: str, *, undone: bool) -> None:
        """Undo a run, or restore one, and say so in the books."""
        query = f"select id from unwind.workflow_runs where {which} order by number desc limit 1 offset %s"
        found = self.conn.execute(query.encode(), [self.dice.randrange(10)]).fetchall()
        if not found:
            time.sleep(0.05)
        for (run,) in found:
            with self.conn.transaction():
                self.engine(f"select unwind.{call}(%s)", run)
                self.conn.execute("update booked set undone = %s where run = %s", [undone, run])
                self.ended["undo mirrored"] += self.conn.execute(MIRRORED, [run]).fetchall() == [(True,)]


def test_mirrored_at_once(conn: psycopg.Connection[Any], connect: Any, in_background: Any) -> None:
    conn.execute(SETUP.encode())
    kinds = ("run", "run", "run", "other", "undo", "undo", "restore", "alter")
    ended = work_at_once(Books, connect, in_background, *kinds)
    assert ended["undo mirrored"], ended
    wrong = conn.execute(
        "select a.id, a.balance, coalesce(sum(b.amount) filter (where not b.undone), 0) from account as a"
        " left join booked as b on b.account = a.id group by a.id"
        " having a.balance <> coalesce(sum(b.amount) filter (where not b.undone), 0)"
    ).fetchall()
    assert wrong == []
    differing = conn.execute(
        "select e.part, e.id, b.run from entry as e"
        " full join (select * from booked where not undone) as b on b.part = e.part and b.id = e.id"
        " and b.account = e.account and b.amount = e.amount where e.id is null or b.id is null"
    ).fetchall()
    assert differing == []
