"""Reads plain data field by field and collects everything that is wrong with it, in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeAlias, cast

from devices.instant import DAY, HOUR, MINUTE, SECOND, Micros
from devices.level import Level
from devices.quantity import QUANTITIES, Quantity, QuantityKind

Path: TypeAlias = tuple[str | int, ...]

RAISED = tuple(level for level in Level if level > Level.CLEAR)
_UNITS = {"ms": SECOND // 1000, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")
_DURATION = re.compile(f"(?:{_PART.pattern})+")
_SHOWN = 12


class Problem(NamedTuple):
    """One mistake: where in the data, and what it is and what to do, as whole sentences."""

    path: Path
    zh: str
    en: str


def meant(word: str, known: Iterable[str]) -> tuple[str, str]:
    """The tail of a sentence about an unknown word: the nearest known one, else all there are (zh, en)."""
    words = sorted(known)
    if near := get_close_matches(word, words, n=1, cutoff=0.6):
        return f"；是不是 `{near[0]}`？", f"; did you mean `{near[0]}`?"
    few = "`, `".join(words[:_SHOWN]) + ("` …" if len(words) > _SHOWN else "`")
    return f"；可用：`{few}。", f"; known: `{few}."


class Form:
    """One mapping. A method that finds its field missing or wrong notes that and answers None."""

    def __init__(self, data: object, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._asked: set[str] = set()
        self._data: Mapping[object, object] = {}
        if isinstance(data, Mapping):
            self._data = data
        else:
            self.wrong(None, "这里应是一组 `键: 值`。", "this must be `key: value` pairs.")

    def wrong(self, key: str | int | None, zh: str, en: str) -> None:
        """Note a mistake in one field, or in the whole when `key` is None."""
        self.problems.append(Problem(self.path if key is None else (*self.path, key), zh, en))

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return self._data.get(key) is not None

    def named(self, key: str) -> bool:
        """Whether the key is there, be its value null."""
        self._asked.add(key)
        return key in self._data

    def raw(self, key: str) -> object:
        """The value as it is, None when there is none."""
        self._asked.add(key)
        return self._data.get(key)

    def get(self, key: str, *, required: bool = True) -> object | None:
        if self.has(key):
            return self._data[key]
        if required:
            self.wrong(None, f"缺少 `{key}`。", f"`{key}` is missing.")
        return None

    def text(self, key: str) -> str | None:
        value = self.get(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self._must(key, "文字", "text")
        return None

    def number(self, key: str, *, required: bool = True) -> float | None:
        value = self.get(key, required=required)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        if value is not None:
            self._must(key, "数字", "a number")
        return None

    def count(self, key: str, *, least: int) -> int | None:
        value = self.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        if value is not None:
            self._must(key, f"不小于 {least} 的整数", f"a whole number from {least}")
        return None

    def flag(self, key: str) -> bool:
        """False when the field is not there."""
        value = self.get(key, required=False)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._must(key, "true 或 false", "true or false")
        return False

    def duration(self, key: str, default: Micros | None = None) -> Micros | None:
        """`10s`, `5m`, `1h30m`, `7d`; compulsory when there is no default."""
        value = self.get(key, required=default is None)
        if value is None:
            return default
        if not isinstance(value, str) or _DURATION.fullmatch(value) is None:
            self._must(key, "时长，如 `10s`、`5m`、`1h`", "a length of time such as `10s`, `5m`, `1h`")
            return None
        return round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value)))

    def choice(self, key: str, known: Iterable[str]) -> str | None:
        value = self.get(key)
        return None if value is None else self.known(key, value, known)

    def level(self, key: str, *, required: bool = True) -> Level | None:
        if not self.has(key) and not required:
            return None
        word = self.choice(key, (level.word for level in RAISED))
        return Level[word.upper()] if word else None

    def quantity(self, key: str, *kinds: QuantityKind) -> Quantity | None:
        value = self.get(key)
        return None if value is None else self._quantity(key, value, kinds)

    def quantities(self, key: str, *kinds: QuantityKind) -> tuple[Quantity, ...]:
        found = (self._quantity(key, value, kinds) for value in self.list(key))
        return tuple(dict.fromkeys(quantity for quantity in found if quantity is not None))

    def list(self, key: str, *, required: bool = True) -> list[object]:
        """At least one entry when the field is there."""
        value = self.get(key, required=required)
        if value is None or (isinstance(value, list | tuple) and value):
            return list(cast("list[object]", value or ()))
        self._must(key, "列表（`[a, b]`），至少一项", "a list (`[a, b]`) of at least one entry")
        return []

    def words(
        self, key: str, known: Iterable[str] | None = None, *, required: bool = False
    ) -> tuple[str, ...]:
        """A list of words; any text when nothing is known about them."""
        values = self.list(key, required=required)
        if known is not None:
            found = {word for value in values if (word := self.known(key, value, known)) is not None}
        else:
            found = {value for value in values if isinstance(value, str)}
            if len(found) < len(values):
                self._must(key, "一组不重复的文字", "a list of different words")
        return tuple(sorted(found))

    def form(self, key: str) -> Form | None:
        value = self.get(key, required=False)
        return None if value is None else Form(value, (*self.path, key), self.problems)

    def forms(self, key: str) -> Iterator[Form]:
        for index, entry in enumerate(self.list(key)):
            yield Form(entry, (*self.path, key, index), self.problems)

    def content(self, *, without: str) -> dict[str, object]:
        return {str(key): value for key, value in self._data.items() if key != without}

    def close(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                zh, en = meant(str(key), self._asked)
                self.wrong(str(key), f"没有 `{key}` 这个键{zh}", f"there is no key `{key}`{en}")

    def known(self, key: str, value: object, known: Iterable[str]) -> str | None:
        """The value when it is one of the known words."""
        words = list(known)
        if isinstance(value, str) and value in words:
            return value
        zh, en = meant(str(value), words)
        self.wrong(key, f"`{key}` 不认识 `{value}`{zh}", f"`{key}` does not know `{value}`{en}")
        return None

    def _quantity(self, key: str, value: object, kinds: tuple[QuantityKind, ...]) -> Quantity | None:
        fitting = (name for name, quantity in QUANTITIES.items() if quantity.kind in kinds)
        name = self.known(key, value, fitting)
        return QUANTITIES[name] if name else None

    def _must(self, key: str, zh: str, en: str) -> None:
        given = "null" if (value := self._data.get(key)) is None else str(value)[:40]
        self.wrong(key, f"`{key}` 应是{zh}，不能是 `{given}`。", f"`{key}` must be {en}, not `{given}`.")
