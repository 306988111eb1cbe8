"""The blocks of commands in README and docs: where they are, and lines of ours as arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_ASSIGNMENT = re.compile(r"(?P<name>[A-Z_]+)=\$\((?P<command>crmtenant .*)\)")
_VALUE = re.compile(r"(?P<name>[A-Z_]+)=(?P<value>[\w.:/-]+)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A block between fences, the heading above it, and what its first fence says it is written in."""

    file: str
    heading: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}, {self.heading}, {self.language}: {self.text.strip().splitlines()[0][:50]}"

    def commands(self) -> list[tuple[str | None, list[str]]]:
        """Its lines that call `crmtenant`: the variable that takes what is printed, and the arguments."""
        return list(_commands(self.text))


def _commands(text: str) -> Iterator[tuple[str | None, list[str]]]:
    values: dict[str, str] = {}
    for written in text.splitlines():
        line = re.sub(r"\$([A-Z_]+)", lambda name: values.get(name[1], name[0]), written)
        assigned = _ASSIGNMENT.match(line)
        if value := _VALUE.match(line):
            values[value["name"]] = value["value"]
        elif assigned:
            yield assigned["name"], shlex.split(assigned["command"])[1:]
        elif line.partition(" ")[0].rpartition("/")[2] == "crmtenant":
            yield None, shlex.split(line, comments=True)[1:]


@cache
def blocks() -> tuple[Block, ...]:
    """Every block of README and docs, in order."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return tuple(block for file in files for block in _blocks_of(file))


def _blocks_of(file: Path) -> Iterator[Block]:
    heading, language, lines = "", "", None
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            if lines is None:
                language, lines = line.removeprefix("```"), []
            else:
                yield Block(file.name, heading, language, "\n".join(lines) + "\n")
                lines = None
        elif lines is not None:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")


def block(heading: str, language: str, number: int = 0) -> Block:
    """The block of this language below this heading."""
    return [one for one in blocks() if (one.heading, one.language) == (heading, language)][number]
