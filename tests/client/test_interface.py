"""Sync and async are one interface, and everything public says what it is."""

from __future__ import annotations

import inspect
import re
from typing import Any

import psycopg
import pytest

import pgunwind
from pgunwind import AsyncRun, AsyncUnwind, Run, Unwind, errors

PAIRS = [(Unwind, AsyncUnwind), (Run, AsyncRun)]
MEMBERS = [
    pytest.param(cls, async_cls, name, id=f"{cls.__name__}.{name}")
    for cls, async_cls in PAIRS
    for name in ["__init__", *(name for name in dir(cls) if not name.startswith("_"))]
]


def neutral(text: object) -> str:
    """Return the text without what tells the two clients apart."""
    for word, neuter in [("an Async", "a "), ("Async", ""), ("_async", ""), ("task", "thread")]:
        text = str(text).replace(word, neuter)
    return str(text)


def shape(member: Any) -> object:
    """Return the signature of a method; properties have none."""
    if isinstance(member, property):
        return "property"
    found = inspect.signature(member)
    parameters = [(p.name, p.kind, p.default, neutral(p.annotation)) for p in found.parameters.values()]
    return parameters, neutral(found.return_annotation)


@pytest.mark.parametrize(("cls", "async_cls"), PAIRS)
def test_both_clients_have_the_same_members(cls: type, async_cls: type) -> None:
    assert [name for name in dir(cls) if name[0] != "_"] == [
        name for name in dir(async_cls) if name[0] != "_"
    ]


@pytest.mark.parametrize(("cls", "async_cls", "name"), MEMBERS)
def test_both_clients_have_the_same_signatures(cls: type, async_cls: type, name: str) -> None:
    assert shape(getattr(cls, name)) == shape(getattr(async_cls, name))


@pytest.mark.parametrize(("cls", "async_cls"), PAIRS)
def test_every_member_is_documented_in_the_words_of_its_client(cls: type, async_cls: type) -> None:
    for name in ["__doc__", *(name for name in dir(cls) if not name.startswith("_"))]:
        # The arguments of __init__ are described by the class.
        doc, async_doc = (
            inspect.getdoc(owner if name == "__doc__" else getattr(owner, name)) for owner in (cls, async_cls)
        )
        assert doc, name
        assert async_doc, name
        assert not re.search(r"\b(async|await|tasks?)\b|[Aa]sync", doc), name
        assert not re.search(r"\bthreads?\b|[^a]synchronous", async_doc), name


ARGUMENT = re.compile(r"(?:IN )?(\w+) [\w\[\] ]+ DEFAULT ('[^']*'::\w+|[^,]*)")


def test_what_is_not_given_is_what_the_function_takes_for_it(conn: psycopg.Connection[Any]) -> None:
    functions = conn.execute(
        "select proname, pg_get_function_arguments(oid) from pg_proc"
        " where pronamespace = 'unwind'::regnamespace"
    ).fetchall()
    compared = 0
    for name, arguments in functions:
        parameters = inspect.signature(getattr(Unwind, name, object)).parameters
        for argument, default in ARGUMENT.findall(arguments):
            if argument in parameters and argument != "metadata":  # which is sent as {} where it is None
                [value] = conn.execute(f"select {default}".encode()).fetchone() or ()
                assert parameters[argument].default == value, (name, argument)
                compared += 1
    assert compared > 20


CLASSES = [name for name in pgunwind.__all__ if isinstance(getattr(pgunwind, name), type)]


@pytest.mark.parametrize("name", CLASSES)
def test_every_exported_class_is_documented(name: str) -> None:
    words = getattr(pgunwind, name).__doc__
    assert words
    assert not words.startswith(f"{name}("), "that is what dataclass writes by itself"


@pytest.mark.parametrize(
    "name", ["Receipt", "RunTotal", "PreviewLine", "Leftover", "Orphan", "Finding", "RunResult", "RunRow"]
)
def test_results_are_frozen_and_slotted(name: str) -> None:
    cls = getattr(pgunwind, name)
    assert cls.__dataclass_params__.frozen
    assert "__slots__" in vars(cls)


def test_every_error_is_exported() -> None:
    assert set(errors.__all__) - {"translate"} <= set(pgunwind.__all__)
