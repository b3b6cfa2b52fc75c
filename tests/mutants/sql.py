"""Operators over SQL. The scanner says where, the parser whether what comes out is still SQL.

PL/pgSQL has the same tokens, so one set of operators serves both, and the SQL that the compiler's functions
render, which stands there in literals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pglast
from pglast import parser

from .change import Change

OPENS, CLOSES = ("(", "["), (")", "]")
CLAUSES = (
    "where if elsif when on and or having then group order limit offset for loop returning union window into"
    " using inner left cross join else end as do from set return select ; , := =>"
)
"""Where a condition begins or ends."""
HEADER = "set as security language stable volatile immutable strict parallel cost rows"
"""What the options of a function begin with."""
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
JOINS = re.compile(r"' (and|or|\+|operator\(pg_catalog\.\+\)) '")
UW = re.compile(r"'UW(\d{3})'")
PLACEHOLDER = re.compile(r"%(\d+\$)?[sIL]")
SAFE_IN_TEMPLATES = frozenset(
    ["lock weakened", "lock dropped", "order reversed", "condition dropped", "comparison"]
)
"""What comes out there cannot be parsed here, so only what surely leaves SQL is tried."""


@dataclass(frozen=True)
class Token:
    """A word or a symbol, in lower case, and where it is; depth counts the brackets around it."""

    word: str
    start: int
    end: int
    depth: int


@dataclass
class Code:
    """A text, in tokens."""

    text: str
    tokens: list[Token] = field(default_factory=list)

    def __post_init__(self) -> None:
        depth = 0
        for token in parser.scan(self.text):
            if token.name.endswith("COMMENT"):
                continue
            word = self.text[token.start : token.end + 1].lower()
            depth -= word in CLOSES
            self.tokens.append(Token(word, token.start, token.end + 1, depth))
            depth += word in OPENS

    def words(self, at: int, count: int) -> list[str]:
        """So many words from there on."""
        return [token.word for token in self.tokens[at : at + count]]

    def find(self, *words: str) -> Iterator[int]:
        """Where these words stand one after the other."""
        for at in range(len(self.tokens)):
            if self.words(at, len(words)) == list(words):
                yield at

    def end_of(self, at: int, stops: str = "") -> int:
        """The first token after this one that ends it: a stop of the same depth, or the bracket around it."""
        words = stops.split()
        depth = self.tokens[at].depth
        for place in range(at + 1, len(self.tokens)):
            if self.tokens[place].depth < depth or self._stops(place, depth, words):
                return place
        return len(self.tokens)

    def begin_of(self, at: int, stops: str) -> int:
        """The first token that belongs to what stands before this one."""
        words = stops.split()
        depth = self.tokens[at].depth
        for place in range(at - 1, -1, -1):
            if self.tokens[place].depth < depth or self._stops(place, depth, words):
                return place + 1
        return 0

    def _stops(self, at: int, depth: int, words: list[str]) -> bool:
        """Whether one of these stands here; IS DISTINCT FROM has no FROM."""
        token = self.tokens[at]
        return token.depth == depth and token.word in words and self.tokens[at - 1].word != "distinct"

    def inside(self, at: int) -> Iterator[int]:
        """The tokens within this bracket, but for those within others."""
        for place in range(at + 1, len(self.tokens)):
            depth = self.tokens[place].depth - self.tokens[at].depth
            if depth == 1:
                yield place
            elif depth < 1:
                return

    def is_comma_of(self, place: int, at: int) -> bool:
        """Whether a comma stands here, within no more brackets than there."""
        return self.tokens[place].word == "," and self.tokens[place].depth == self.tokens[at].depth

    def removed(self, operator: str, first: int, stop: int) -> Change:
        """Without the tokens from first up to stop, and the space before them."""
        start = self.tokens[first - 1].end if first else 0
        return Change(operator, start, self.tokens[stop - 1].end)

    def replaced(self, operator: str, at: int, text: str) -> Change:
        """Another word or symbol."""
        return Change(operator, self.tokens[at].start, self.tokens[at].end, text)


LOCKS = [["no", "key", "update"], ["key", "share"], ["update"], ["share"]]


def locks(code: Code) -> Iterator[Change]:
    """FOR UPDATE and its kin: to share, without waiting or not at all."""
    for at in code.find("for"):
        lock = next((lock for lock in LOCKS if code.words(at + 1, len(lock)) == lock), None)
        if lock is None:
            continue
        stop = at + 1 + len(lock)
        if code.words(stop, 1) == ["of"]:
            stop += 2
        skips = code.words(stop, 2) == ["skip", "locked"]
        if skips:
            yield code.removed("lock weakened", stop, stop + 2)
        yield code.removed("lock dropped", at, stop + 2 * skips)
        if lock[-1] == "update":
            first, last = code.tokens[at + 1], code.tokens[at + len(lock)]
            yield Change("lock weakened", first.start, last.end, "share")


def orders(code: Code) -> Iterator[Change]:
    """The other way round: without an order, rows often come as they did by accident.

    Not where the order says nothing: of what is joined by AND or by a plus.
    """
    for at in code.find("order", "by"):
        if JOINS.fullmatch(code.tokens[at - 1].word):
            continue
        stop = code.end_of(at, "; limit offset for loop union rows range")
        first = code.tokens[at + 2].start
        commas = [place for place in range(at + 2, stop) if code.is_comma_of(place, at)]
        keys = [
            _reversed(code, begin, end)
            for begin, end in zip([at + 2, *(comma + 1 for comma in commas)], [*commas, stop], strict=True)
        ]
        yield Change("order reversed", first, code.tokens[stop - 1].end, ", ".join(keys))


def _reversed(code: Code, begin: int, end: int) -> str:
    """One key of an order."""
    nulls = end - 2 if code.words(end - 2, 1) == ["nulls"] else end
    descends = code.words(nulls - 1, 1) == ["desc"]
    last = nulls - 1 if descends or code.words(nulls - 1, 1) == ["asc"] else nulls
    key = code.text[code.tokens[begin].start : code.tokens[last - 1].end]
    rest = "".join(f" {word}" for word in code.words(nulls, end - nulls))
    return f"{key}{'' if descends else ' desc'}{rest}"


def conditions_dropped(code: Code) -> Iterator[Change]:
    """One side of AND or OR."""
    for junction in ("and", "or"):
        stops = CLAUSES.replace(" and ", " ") if junction == "or" else CLAUSES
        for at in code.find(junction):
            if junction == "and" and _is_of_between(code, at):
                continue
            yield code.removed("condition dropped", at, code.end_of(at, stops))
            first = code.begin_of(at, stops)
            if code.words(first - 1, 1) == ["and"] and _is_of_between(code, first - 1):
                first = code.begin_of(first - 1, stops)
            if first < at:
                yield Change("condition dropped", code.tokens[first].start, code.tokens[at + 1].start)


def _is_of_between(code: Code, at: int) -> bool:
    first = code.begin_of(at, "and or where ;")
    return "between" in code.words(first, at - first)


def conditions_inverted(code: Code) -> Iterator[Change]:
    for at in (*code.find("if"), *code.find("elsif")):
        stop = code.end_of(at, "then")
        if stop < len(code.tokens) and stop > at + 1 and code.tokens[stop].word == "then":
            start, end = code.tokens[at + 1].start, code.tokens[stop - 1].end
            yield Change("condition inverted", start, end, f"not ({code.text[start:end]})")
    for at in code.find("not"):
        if code.words(at + 1, 1) not in ([], ["null"]) or code.words(at - 1, 1) == ["is"]:
            yield Change("condition inverted", code.tokens[at].start, code.tokens[at + 1].start)
    for at in code.find("is", "null"):
        yield code.replaced("condition inverted", at, "is not")
    for at in code.find("exists"):
        if code.words(at - 1, 1) != ["not"]:
            yield code.replaced("condition inverted", at, "not exists")


def defaults(code: Code) -> Iterator[Change]:
    for at in code.find("coalesce", "("):
        commas = [place for place in code.inside(at + 1) if code.tokens[place].word == ","]
        if commas:
            yield code.removed("default dropped", commas[-1], code.end_of(at + 2))


def comparisons(code: Code) -> Iterator[Change]:
    for at, token in enumerate(code.tokens):
        if token.word in COMPARISONS:
            yield code.replaced("comparison", at, COMPARISONS[token.word])


def bounds(code: Code) -> Iterator[Change]:
    for at, token in enumerate(code.tokens):
        is_estimate = code.words(0, 1) == ["create"] and code.words(at - 1, 1) in (["rows"], ["cost"])
        if token.word.isdigit() and not is_estimate:
            yield code.replaced("bound by one", at, str(int(token.word) + 1))


def error_codes(code: Code) -> Iterator[Change]:
    for at in code.find("errcode", "="):
        found = UW.fullmatch(code.text[code.tokens[at + 2].start : code.tokens[at + 2].end])
        if found:
            yield code.replaced("error code", at + 2, f"'UW{int(found[1]) % 19 + 1:03}'")


def settings(code: Code) -> Iterator[Change]:
    """What a function is made with."""
    for at in code.find("set"):
        if code.words(at + 2, 1) in (["="], ["to"]) and "create" in code.words(0, 1):
            yield code.removed("setting dropped", at, code.end_of(at, HEADER))
    for at in code.find("security", "definer"):
        yield code.removed("setting dropped", at, at + 2)


def checks(code: Code) -> Iterator[Change]:
    for at in code.find("perform"):
        name = code.words(at + 3, 1)
        if name and name[0].startswith("assert_"):
            stop = code.end_of(at, ";")
            yield Change("check dropped", code.tokens[at].start, code.tokens[stop - 1].end, "null")


OPERATORS: tuple[Callable[[Code], Iterator[Change]], ...] = (
    locks,
    orders,
    conditions_dropped,
    conditions_inverted,
    defaults,
    comparisons,
    bounds,
    error_codes,
    settings,
    checks,
)


def changes(source: str, *, renders: bool = False) -> Iterator[Change]:
    """All changes of a text, of the bodies that it quotes, and, where it renders SQL, of its literals."""
    code = Code(source)
    for operator in OPERATORS:
        yield from operator(code)
    for token in code.tokens:
        if token.word.startswith("$") and token.word.endswith("$") and len(token.word) > 1:
            fence = source.index("$", token.start + 1) + 1
            inside = source[fence : token.end - (fence - token.start)]
            yield from (change.moved(fence) for change in changes(inside, renders=renders))
        elif renders and token.word.startswith("'"):
            inside = source[token.start + 1 : token.end - 1]
            yield from (change.moved(token.start + 1) for change in _of_template(inside))


def _of_template(text: str) -> Iterator[Change]:
    """Of SQL to which format() adds names and values: they are taken for names as long."""
    try:
        code = Code(PLACEHOLDER.sub(lambda found: "x" * len(found[0]), text))
    except parser.ParseError:
        return
    code.text = text
    for operator in OPERATORS:
        yield from (change for change in operator(code) if change.operator in SAFE_IN_TEMPLATES)


def is_program(source: str) -> bool:
    """Whether it is SQL, bodies included."""
    try:
        for statement in pglast.parse_sql(source):
            start = statement.stmt_location
            text = source[start : start + statement.stmt_len] if statement.stmt_len else source[start:]
            _parse_body(statement.stmt, text)
    except (parser.ParseError, json.JSONDecodeError):
        return False
    return True


def _parse_body(statement: pglast.ast.Node, text: str) -> None:
    if isinstance(statement, pglast.ast.DoStmt):
        pglast.parse_plpgsql(_without_schemas(text))
    if not isinstance(statement, pglast.ast.CreateFunctionStmt):
        return
    options = {option.defname: option.arg for option in statement.options or ()}
    if options["language"].sval == "plpgsql":
        pglast.parse_plpgsql(_without_schemas(text, statement.funcname[-1].sval))
    else:
        pglast.parse_sql(options["as"][0].sval)


def _without_schemas(text: str, *names: str) -> str:
    """The parser of PL/pgSQL works without a catalog: it knows neither our types nor variadic arguments."""
    text = re.sub(r"\bunwind(?:_internal)?\.\w+ ?\[\]", "text[]", text)
    return re.sub(rf"\b(?:{'|'.join((r'unwind(?:_internal)?', *names))})\.|\bvariadic\b", "", text)
