"""Where in a TOML file a setting stands: the standard library reads TOML but keeps no positions."""

from __future__ import annotations

import re
import tomllib
from typing import Any, NamedTuple

from anmin.document import Mark, Where
from anmin.finding import Finding, Severity

_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\[\]]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"""\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")
_QUOTED = re.compile(r"""\"{3}.*?\"{3}|'{3}.*?'{3}|(?<!")"(?!"")(?:\\.|[^"\\])*"|(?<!')'(?!'')[^']*'|\#.*""")


class Toml(NamedTuple):
    """`data` is empty when the text is not TOML; then `finding` says why."""

    name: str
    data: dict[str, Any]
    marks: dict[Where, Mark]
    finding: Finding | None = None

    def where(self, path: Where) -> Mark:
        """Line and column of the key, or of the nearest table around it that is there."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.marks:
                return self.marks[path[:end]]
        return (1, 1)


def read(text: str, name: str) -> Toml:
    try:
        return Toml(name, tomllib.loads(text), _marks(text))
    except tomllib.TOMLDecodeError as error:
        return Toml(name, {}, {}, _broken(name, text, str(error)))


def _broken(name: str, text: str, message: str) -> Finding:
    at = _AT.search(message)
    mark = (int(at[1]), int(at[2])) if at else (text.count("\n") + 1, 1)
    said = _AT.sub("", message).removesuffix(" (at end of document)")
    zh = f"TOML 语法错误：{said}（文字要加引号，一行一个 `键 = 值`）"
    en = f"not TOML: {said} (text needs quotes; one `key = value` a line)"
    return Finding(name, *mark, Severity.ERROR, "toml", zh, en)


def _marks(text: str) -> dict[Where, Mark]:
    """Positions of tables and keys in a text that is known to be valid."""
    marks: dict[Where, Mark] = {}
    table: Where = ()
    closing = _Closing()
    for number, line in enumerate(text.splitlines(), 1):
        if closing.inside(line):
            continue
        if header := _HEADER.match(line):
            table = _parts(header["name"])
            marks.setdefault(table, (number, header.start("name") + 1))
        elif key := _KEY.match(line):
            marks.setdefault((*table, *_parts(key["key"])), (number, key.start("key") + 1))
    return marks


def _parts(dotted: str) -> Where:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


class _Closing:
    """Whether a line goes on with a value that an earlier line opened (an array or a long text)."""

    def __init__(self) -> None:
        self.depth = 0
        self.quotes = ""

    def inside(self, line: str) -> bool:
        was = bool(self.depth or self.quotes)
        if self.quotes:
            if self.quotes not in line:
                return True
            line = line.split(self.quotes, 1)[1]
            self.quotes = ""
        elif not was and _HEADER.match(line):
            return False
        plain = _QUOTED.sub("", line)
        for quotes in ('"""', "'''"):
            if quotes in plain:
                plain, self.quotes = plain.split(quotes, 1)[0], quotes
        self.depth += sum(plain.count(c) for c in "[{") - sum(plain.count(c) for c in "]}")
        return was
