"""Finds the value that a discovery's template names. No template of a broker is ever run.

Taken: `{{ value }}`, `{{ value_json.a['b'][0] }}`, the filters below, one comparison with a literal, and a
choice between two literals by it (`'ON' if ... else 'OFF'`, `iif(..., 'ON', 'OFF')`). All else is refused.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Final, NamedTuple, TypeAlias

from ingest.understood import measure

MAX_TEMPLATE: Final = 256
UNKNOWN: Final = frozenset({"", "none", "null", "unknown", "unavailable"})
"""Words for not knowing: no comparison turns them into a yes or a no."""

Literal: TypeAlias = str | int | float | bool


class Missing:
    """What a path leads to when the message does not speak of it."""


MISSING: Final = Missing()


class Template(NamedTuple):
    """Where a value lies and what is done with it. `sign` and `literal` make it `yes` or `no`."""

    json: bool
    steps: tuple[str | int, ...] = ()
    filters: tuple[tuple[str, int], ...] = ()
    sign: str = ""
    literal: Literal = True
    yes: Literal = True
    no: Literal = False


PAYLOAD: Final = Template(json=False)


def evaluate(template: Template, text: str, body: object) -> object:
    """A value of the message, `yes` or `no`, None for unknown, or MISSING."""
    value = body if template.json else text
    for step in template.steps:
        if isinstance(step, str):
            value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else MISSING
    if value is MISSING or value is None:
        return value
    for name, digits in template.filters:
        value = _FILTERS[name](value, digits)
    if not template.sign:
        return value
    held = _holds(template.sign, value, template.literal)
    return None if held is None else template.yes if held else template.no


def rendered(value: object) -> str:
    """As it stands in the text that payload_on and the like are compared with; "" for what is no word."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, (bool, int, float)) else ""


# Comparisons and filters ------------------------------------------------------------------------------------

_EQUAL: Final[Mapping[str, Callable[[object, object], bool]]] = {"==": operator.eq, "!=": operator.ne}
_ORDER: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TRUTH: Final = "truth"


def _holds(sign: str, value: object, literal: Literal) -> bool | None:
    """None where the value is unknown, or is none that can be compared so."""
    if value is None or rendered(value).lower() in UNKNOWN:
        return None
    if sign == _TRUTH:
        return bool(value) if isinstance(value, (bool, int, float)) and value in (0, 1) else None
    if sign in _EQUAL:
        return _EQUAL[sign](value, literal)
    numbers = [one for one in (value, literal) if isinstance(one, (int, float)) and not isinstance(one, bool)]
    return _ORDER[sign](*numbers) if len(numbers) == 2 else None


def number(value: object) -> float | None:
    """A finite number out of a number, a truth or a short text."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and (len(value) > 64 or "_" in value):
        return None
    read = measure(value)
    return read if read is not None and isfinite(read) else None


def _float(value: object, digits: int) -> object:
    return number(value)


def _int(value: object, digits: int) -> object:
    read = number(value)
    return None if read is None else int(read)


def _round(value: object, digits: int) -> object:
    read = number(value)
    return None if read is None else round(float(read), digits)


def _lower(value: object, digits: int) -> object:
    return None if value is None else rendered(value).lower()


def _upper(value: object, digits: int) -> object:
    return None if value is None else rendered(value).upper()


def _as_it_is(value: object, digits: int) -> object:
    """A default among them: what somebody assumes when nothing is said is no word of the device."""
    return value


_FILTERS: Final[Mapping[str, Callable[[object, int], object]]] = {
    "float": _float,
    "int": _int,
    "round": _round,
    "lower": _lower,
    "upper": _upper,
    "trim": _as_it_is,
    "string": _as_it_is,
    "default": _as_it_is,
    "d": _as_it_is,
    "is_defined": _as_it_is,
}

# Reading ----------------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(
    r"""(?P<text>'[^'\\]*'|"[^"\\]*")|(?P<number>-?\d{1,15}(?:\.\d{1,15})?)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>==|!=|>=|<=|[.|()\[\],<>])|(?P<space>[ \t\r\n]+)"""
)
_WORDS: Final[Mapping[str, Literal]] = {"true": True, "True": True, "false": False, "False": False}


class _NoPath(ValueError):
    pass


def read(text: str) -> Template | None:
    """None for what is more than a path, or longer than anybody needs."""
    text = text.strip()
    if len(text) > MAX_TEMPLATE or not " ".join(text.split()).isprintable():
        return None
    if not (text.startswith("{{") and text.endswith("}}")):
        return None
    tokens = _Tokens(text[2:-2].removeprefix("-").removesuffix("-"))
    try:
        found = _whole(tokens)
        return found if tokens.ended else None
    except _NoPath:
        return None


class _Tokens:
    """(kind, text) one after the other; the end is ("", "")."""

    def __init__(self, text: str) -> None:
        self._found: list[tuple[str, str]] = []
        self._at = 0
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                self._found.append(("odd", text[at]))
                break
            at = match.end()
            if match.lastgroup != "space":
                self._found.append((str(match.lastgroup), match.group()))

    @property
    def ended(self) -> bool:
        return self._at >= len(self._found)

    @property
    def next(self) -> tuple[str, str]:
        return ("", "") if self.ended else self._found[self._at]

    def take(self) -> tuple[str, str]:
        taken = self.next
        self._at += 1
        return taken

    def accept(self, text: str) -> bool:
        kind, found = self.next
        if kind in ("sign", "name") and found == text:
            self._at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise _NoPath


def _whole(tokens: _Tokens) -> Template:
    if tokens.accept("iif"):
        tokens.expect("(")
        condition = _condition(tokens)
        tokens.expect(",")
        yes = _literal(tokens)
        tokens.expect(",")
        no = _literal(tokens)
        tokens.expect(")")
        return condition._replace(sign=condition.sign or _TRUTH, yes=yes, no=no)
    kind, text = tokens.next
    if kind != "name" or text in _WORDS:
        yes = _literal(tokens)
        tokens.expect("if")
        condition = _condition(tokens)
        tokens.expect("else")
        return condition._replace(sign=condition.sign or _TRUTH, yes=yes, no=_literal(tokens))
    return _condition(tokens)


def _condition(tokens: _Tokens) -> Template:
    """A path with its filters, and what it is compared with if it is."""
    if not tokens.accept("value_json"):
        tokens.expect("value")
        found = Template(False, (), _filters(tokens))
    else:
        found = Template(True, _steps(tokens), _filters(tokens))
    if tokens.next[1] in _EQUAL or tokens.next[1] in _ORDER:
        sign = tokens.take()[1]
        return found._replace(sign=sign, literal=_literal(tokens))
    return found


def _steps(tokens: _Tokens) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    while True:
        if tokens.accept("."):
            kind, text = tokens.take()
            if kind != "name":
                raise _NoPath
            steps.append(text)
        elif tokens.accept("["):
            step = _literal(tokens)
            if isinstance(step, (bool, float)) or (isinstance(step, int) and step < 0):
                raise _NoPath
            steps.append(step)
            tokens.expect("]")
        else:
            return tuple(steps)


def _filters(tokens: _Tokens) -> tuple[tuple[str, int], ...]:
    """Each with its number of digits. Other arguments are defaults, which count for nothing."""
    filters: list[tuple[str, int]] = []
    while tokens.accept("|"):
        kind, name = tokens.take()
        if kind != "name" or name not in _FILTERS:
            raise _NoPath
        arguments = _arguments(tokens)
        first = arguments[0] if name == "round" and arguments else 0
        if not isinstance(first, int) or not 0 <= first <= 9:
            raise _NoPath
        filters.append((name, int(first)))
    return tuple(filters)


def _arguments(tokens: _Tokens) -> list[Literal]:
    found: list[Literal] = []
    if not tokens.accept("(") or tokens.accept(")"):
        return found
    found.append(_argument(tokens))
    while tokens.accept(","):
        found.append(_argument(tokens))
    tokens.expect(")")
    return found


def _argument(tokens: _Tokens) -> Literal:
    return "" if tokens.accept("none") or tokens.accept("None") else _literal(tokens)


def _literal(tokens: _Tokens) -> Literal:
    kind, text = tokens.take()
    if kind == "text":
        return text[1:-1]
    if kind == "number":
        return float(text) if "." in text else int(text)
    if text not in _WORDS:
        raise _NoPath
    return _WORDS[text]
