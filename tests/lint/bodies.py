"""Lints what stands between dollar quotes, which sqlfluff takes for one long literal.

    PYTHONPATH=tests python -m lint.bodies sql

Every body: lines of at most 120 characters, no tab, no space at a line's end, words in lower case. Bodies in
SQL also go to sqlfluff, each as a file of its own whose lines are numbered as in the file it comes from.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

LONGEST = 120
CONFIG = Path(__file__).parents[2] / ".sqlfluff"
# RF01: an argument is qualified by its function's name, which is in no FROM. AL03, AM04: RETURNS names the
# columns. AM09: any will do, or all are alike. LT05: lines are measured here. ST05, ST09: as it reads best.
NOT_IN_BODIES = ["RF01", "AL03", "AM04", "AM09", "LT05", "ST05", "ST09"]
# sqlfluff takes these for calls of functions, which have no space before the parenthesis.
NO_CALLS = re.compile(r"\bexists \(|\boperator ?\(")

BODY = re.compile(r"\$(\w*)\$(.*?)\$\1\$", re.DOTALL)
LANGUAGE = re.compile(r"^language (\w+)", re.MULTILINE)
# What is not code: comments, literals, quoted names, what a body quotes in its turn.
NOT_CODE = re.compile(
    r"--[^\n]*|/\*.*?\*/|(?:\b[eE])?'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$", re.DOTALL
)


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong, and where."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


@dataclass(frozen=True)
class Body:
    """What stands between two dollar quotes of a file: where, and in which language."""

    path: str
    file: str
    start: int
    end: int
    language: str

    @property
    def first_line(self) -> int:
        """The number of the line on which it begins."""
        return self.file.count("\n", 0, self.start) + 1

    @property
    def text(self) -> str:
        """Itself."""
        return self.file[self.start : self.end]


def bodies(path: str, file: str) -> Iterator[Body]:
    """Find the bodies of a file; a DO block is in PL/pgSQL."""
    end = 0
    for found in BODY.finditer(file):
        languages = LANGUAGE.findall(file[end : found.start()])
        yield Body(path, file, *found.span(2), languages[-1] if languages else "plpgsql")
        end = found.end()


def check_text(body: Body) -> Iterator[Finding]:
    """Check what every body keeps to, whatever its language."""
    code = NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), body.text).split("\n")
    lines = body.file.split("\n")[body.first_line - 1 :]
    for number, (line, words) in enumerate(zip(lines, code, strict=False), start=body.first_line):
        if len(line) > LONGEST:
            yield Finding(body.path, number, f"line of {len(line)} characters")
        if "\t" in line:
            yield Finding(body.path, number, "tab")
        if line != line.rstrip():
            yield Finding(body.path, number, "space at the end")
        for word in re.findall(r"\w*[A-Z]\w*", words):
            yield Finding(body.path, number, f"{word} is not in lower case")


def check_sql(found: list[Body]) -> list[Finding]:
    """Hand bodies in SQL to sqlfluff, each with a comment for every line before it, so that numbers agree."""
    settings = ConfigParser()
    settings.read(CONFIG)
    excluded = [*re.split(r",\s*", settings["sqlfluff"]["exclude_rules"]), *NOT_IN_BODIES]
    with tempfile.TemporaryDirectory() as directory:
        for number, body in enumerate(found):
            text = "--\n" * (body.first_line - 1) + "--" + body.text.rstrip() + "\n"
            Path(directory, f"{number}.sql").write_text(text)
        command = ["sqlfluff", "lint", "--config", CONFIG, "--exclude-rules", ",".join(excluded)]
        options = ["--format", "json", "--disable-progress-bar", "--processes", "0", directory]
        done = subprocess.run(
            [sys.executable, "-m", *command, *options], capture_output=True, text=True, check=False
        )
    if not done.stdout:
        raise RuntimeError(done.stderr)
    findings = []
    for file in json.loads(done.stdout):
        body = found[int(Path(file["filepath"]).stem)]
        for fault in file["violations"]:
            number = fault["start_line_no"]
            if not NO_CALLS.search(body.file.split("\n")[number - 1]):
                findings.append(Finding(body.path, number, f"{fault['code']} {fault['description']}"))
    return findings


def main(directory: str) -> int:
    """Print all findings; succeed if there are none."""
    found = [
        body
        for path in sorted(Path(directory).rglob("*.sql"))
        for body in bodies(path.as_posix(), path.read_text())
    ]
    findings = [finding for body in found for finding in check_text(body)]
    findings += check_sql([body for body in found if body.language == "sql"])
    for finding in sorted(findings):
        print(finding)
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
