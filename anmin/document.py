"""YAML with positions: plain data, and for every part of it the line and column where a person wrote it.

Written over the parser's events, not over a constructor: no tag can build an object, an alias is counted
before it is expanded, and duplicate keys are seen where they stand (reliability S20).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from anmin.finding import Finding, Severity, render

__all__ = ["Document", "Finding", "Severity", "Where", "open_file", "read", "render"]

SIZE_CAP = 8 * 1024 * 1024
DEPTH_CAP = 32
ALIAS_CAP = 100
ALIAS_NODES_CAP = 10_000

Where: TypeAlias = tuple[str | int, ...]
"""The way to a value: keys and list positions (from 0)."""
Mark: TypeAlias = tuple[int, int]

_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

_SYNTAX = (
    (r"'\\t'", "缩进不能用制表符（Tab），请改用空格", "a tab cannot indent; use spaces"),
    (
        r"mapping values are not allowed",
        "这里不该有冒号：检查缩进，或给含 `: ` 的文字加引号",
        "no colon is expected here: check the indentation, or quote a text that holds `: `",
    ),
    (
        r"unexpected end of stream",
        "文件在引号或括号没有闭合时就结束了",
        "the file ends inside an open quote or bracket",
    ),
    (
        r"expected ',' or '[\]}]'",
        "括号没有闭合，或缺少逗号",
        "a bracket is not closed, or a comma is missing",
    ),
    (
        r"expected <block end>",
        "缩进不对，或列表与键混在同一层",
        "the indentation is off, or a list and keys are mixed on one level",
    ),
    (
        r"cannot start any token",
        "值不能以这个字符开头，请加引号",
        "a value cannot begin with this character; quote it",
    ),
    (r"could not find expected ':'", "这一行缺少冒号", "a colon is missing on this line"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """`data` is dict, list, str, int, float, bool or None (YAML 1.2 core; keys are always text).

    `findings` are the errors of the text itself; `data` is None when it could not be read to its end.
    """

    name: str
    data: Any
    findings: tuple[Finding, ...] = ()
    _keys: dict[Where, Mark] = field(default_factory=dict, repr=False)
    _values: dict[Where, Mark] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        return not self.findings

    def where(self, path: Where = (), *, key: bool = False) -> Mark:
        """Line and column of the value (or of its key), or of the nearest part around it that is there."""
        if key and path in self._keys:
            return self._keys[path]
        for end in range(len(path), -1, -1):
            if path[:end] in self._values:
                return self._values[path[:end]]
        return (1, 1)

    def finding(
        self,
        path: Where,
        code: str,
        zh: str,
        en: str,
        *,
        severity: Severity = Severity.ERROR,
        key: bool = False,
    ) -> Finding:
        return Finding(self.name, *self.where(path, key=key), severity, code, zh, en)


class _Stopped(Exception):
    """A limit was passed: going on would be what the attacker wants."""


class _Builder:
    """Events in, plain data and positions out. Recursion is bounded by DEPTH_CAP."""

    def __init__(self, name: str, stream: Iterator[events.Event]) -> None:
        self.name = name
        self.stream = stream
        self.findings: list[Finding] = []
        self.keys: dict[Where, Mark] = {}
        self.values: dict[Where, Mark] = {}
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.aliases = 0
        self.expanded = 0
        self.nodes = 0

    def document(self) -> Any:
        data: Any = None
        documents = 0
        for event in self.stream:
            if isinstance(event, events.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    zh = "只能有一个文档，删去 `---` 之后的部分"
                    self.stop(event, "several-documents", zh, "one document only; delete what follows `---`")
            elif isinstance(event, events.NodeEvent):
                data = self.node(event, ())
        return data

    def node(self, event: events.NodeEvent, path: Where) -> Any:
        self.values[path] = _mark(event)
        self.nodes += 1
        if isinstance(event, events.AliasEvent):
            return self.alias(event)
        before = self.nodes
        self.check_tag(event)
        value: Any
        if isinstance(event, events.ScalarEvent):
            value = _scalar(event)
        elif len(path) >= DEPTH_CAP:
            zh, en = f"嵌套超过 {DEPTH_CAP} 层", f"nested deeper than {DEPTH_CAP} levels"
            self.stop(event, "too-deep", zh, en)
        elif isinstance(event, events.SequenceStartEvent):
            value = self.sequence(path)
        else:
            value = self.mapping(path)
        if event.anchor:
            self.anchors[event.anchor] = (value, self.nodes - before + 1)
        return value

    def sequence(self, path: Where) -> list[Any]:
        items: list[Any] = []
        while isinstance(event := next(self.stream), events.NodeEvent):
            items.append(self.node(event, (*path, len(items))))
        return items

    def mapping(self, path: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while isinstance(event := next(self.stream), events.NodeEvent):
            key = self.key(event)
            inner = (*path, key)
            if key in found:
                line = self.keys[inner][0]
                zh = f"`{key}` 写了两次，前一处在第 {line} 行"
                self.error(event, "duplicate-key", zh, f"`{key}` is given twice, before on line {line}")
                inner = (*path, f"{key}#{event.start_mark.line}")  # read on, keep the first
            self.keys[inner] = _mark(event)
            value = next(self.stream)
            assert isinstance(value, events.NodeEvent)  # a key's event is always followed by its value's
            result = self.node(value, inner)
            found.setdefault(key, result)
        return found

    def key(self, event: events.NodeEvent) -> str:
        if isinstance(event, events.ScalarEvent):
            self.check_tag(event)
            return str(event.value)
        zh, en = "键必须是文字", "a key must be text"
        self.error(event, "key-not-text", zh, en)
        self.node(event, ("?",) * 2)
        return f"?{event.start_mark.line}"

    def alias(self, event: events.AliasEvent) -> Any:
        self.aliases += 1
        if event.anchor not in self.anchors:
            zh, en = f"没有锚点 `&{event.anchor}`", f"there is no anchor `&{event.anchor}` before this"
            self.error(event, "unknown-anchor", zh, en)
            return None
        value, size = self.anchors[event.anchor]
        self.nodes += size
        self.expanded += size
        if self.aliases > ALIAS_CAP or self.expanded > ALIAS_NODES_CAP:
            zh = "别名（*）太多，或展开后过大；请直接写出"
            self.stop(event, "alias-bomb", zh, "too many aliases (*), or too large expanded; write it out")
        return copy.deepcopy(value)

    def check_tag(self, event: events.NodeEvent) -> None:
        if (tag := getattr(event, "tag", None)) and tag != "!":
            zh, en = f"不接受标签 `{tag}`，删去它", f"tags are not accepted; delete `{tag}`"
            self.error(event, "tag", zh, en)

    def error(self, event: events.Event, code: str, zh: str, en: str) -> None:
        self.findings.append(Finding(self.name, *_mark(event), Severity.ERROR, code, zh, en))

    def stop(self, event: events.Event, code: str, zh: str, en: str) -> None:
        self.error(event, code, zh, en)
        raise _Stopped


def read(text: str | bytes, name: str) -> Document:
    """The document in `text`; whatever is wrong with it is in `findings`, never an exception."""
    if len(text) > SIZE_CAP:
        return _unreadable(name, (1, 1), "too-large", "文件超过 8 MiB", "the file is larger than 8 MiB")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            mark = error.object[: error.start].count(b"\n") + 1, 1
            zh, en = "不是 UTF-8 编码，请另存为 UTF-8", "not UTF-8; save it as UTF-8"
            return _unreadable(name, mark, "not-utf8", zh, en)
    builder = _Builder(name, YAML(typ="safe", pure=True).parse(text))
    try:
        data = builder.document()
    except _Stopped:
        return Document(name, None, tuple(builder.findings), builder.keys, builder.values)
    except YAMLError as error:
        broken = (*builder.findings, _syntax(name, text, error))
        return Document(name, None, broken, builder.keys, builder.values)
    return Document(name, data, tuple(builder.findings), builder.keys, builder.values)


def open_file(path: Path, name: str | None = None) -> Document:
    """The document in a file; one that cannot be read is a finding too."""
    name = name or str(path)
    try:
        with path.open("rb") as file:
            return read(file.read(SIZE_CAP + 1), name)
    except FileNotFoundError:
        return _unreadable(name, (0, 0), "no-such-file", "没有这个文件", "there is no such file")
    except OSError as error:
        why = error.strerror or str(error)
        return _unreadable(name, (0, 0), "cannot-read", f"读不了：{why}", f"cannot be read: {why}")


def _unreadable(name: str, mark: Mark, code: str, zh: str, en: str) -> Document:
    return Document(name, None, (Finding(name, *mark, Severity.ERROR, code, zh, en),))


def _mark(event: events.Event) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(event: events.ScalarEvent) -> Any:
    """YAML 1.2 core, less what a person means as text: `+86138...`, `0101`, `1e3`, `0x0015...`, `.inf`."""
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _syntax(name: str, text: str, error: YAMLError) -> Finding:
    if isinstance(error, ReaderError):
        head = text[: error.position]
        mark = head.count("\n") + 1, len(head) - head.rfind("\n")
        zh, en = "有不可见的控制字符，删去它", "an invisible control character; delete it"
        return Finding(name, *mark, Severity.ERROR, "yaml", zh, en)
    assert isinstance(error, MarkedYAMLError)
    problem = str(error.problem or error.context or error)
    at = error.problem_mark or error.context_mark
    mark = (at.line + 1, at.column + 1) if at else (1, 1)
    for pattern, zh, en in _SYNTAX:
        if re.search(pattern, problem):
            return Finding(name, *mark, Severity.ERROR, "yaml", zh, en)
    zh, en = f"YAML 语法错误：{problem}", f"YAML syntax: {problem}"
    return Finding(name, *mark, Severity.ERROR, "yaml", zh, en)
