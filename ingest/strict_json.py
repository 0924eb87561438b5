"""JSON without its holes: what two parsers could read differently, or what could stop us, is refused.

Duplicate keys, NaN and Infinity, numbers beyond any instrument, deep nesting, other encodings than UTF-8
(reliability S21). Slower than a plain parser: the native dialect comes here only when something is odd.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, Final

from ingest.message import Reason

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 16
MAX_DIGITS: Final = 19  # of an integer: one of more is no measurement, count or time
_SHOWN: Final = 60


class NotStrict(ValueError):
    """Bytes that are not the JSON we take, and why."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def parse(payload: bytes) -> Any:
    """The value of a JSON text. Raises NotStrict, and nothing else."""
    if len(payload) > MAX_BYTES:
        raise too_large(payload)
    try:
        text, shape = payload.decode("utf-8"), payload.translate(_SHAPE)
        value = _read(text) if _TOO_LONG not in shape else _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise NotStrict(Reason.MALFORMED, f"not UTF-8: byte {error.start} cannot be read") from None
    except json.JSONDecodeError as error:
        raise NotStrict(Reason.MALFORMED, f"not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise _too_deep() from None
    if shape.count(b"{") > MAX_DEPTH:
        _check_depth(value)
    if b"\\" in payload and b"\\u" in payload:  # the first is many times cheaper, and mostly the last
        _check_signs(value)
    return value


def _read(text: str) -> Any:
    """Quickly, without a look at each integer; what is wrong is told by the other decoder."""
    try:
        value, end = _QUICK(text, 0)
    except (ValueError, StopIteration, RecursionError):
        return _DECODER.decode(text)
    return value if end == len(text) else _DECODER.decode(text)


def too_large(payload: bytes) -> NotStrict:
    return NotStrict(Reason.TOO_LARGE, f"{len(payload)} bytes; at most {MAX_BYTES} are taken")


def shown(text: object) -> str:
    """What came from outside, fit for a line that people read: short, without control characters."""
    plain = str(text)
    cut = plain[:_SHOWN] + ("…" if len(plain) > _SHOWN else "")
    return cut if cut.isprintable() else "".join(sign if sign.isprintable() else "�" for sign in cut)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise NotStrict(Reason.MALFORMED, f"the key {shown(key)!r} is there twice: which one counts?")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise NotStrict(Reason.IMPLAUSIBLE, f"a number of {len(text)} digits; at most {MAX_DIGITS} are taken")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise NotStrict(Reason.IMPLAUSIBLE, f"the number {shown(text)} is beyond any instrument")
    return value


def _constant(text: str) -> float:
    raise NotStrict(Reason.MALFORMED, f"{text} is no JSON: send null for a value that is not known")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node) if isinstance(child, (dict, list))]
    if level:
        raise _too_deep()


def _check_signs(value: Any) -> None:
    """Half a sign cannot be stored or sent on: it would stop whoever comes to write it."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise NotStrict(Reason.MALFORMED, "half of a surrogate pair: no sign of any text") from None


def _children(node: Any) -> Any:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()


def _too_deep() -> NotStrict:
    return NotStrict(Reason.MALFORMED, f"nested deeper than {MAX_DEPTH} levels")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
_quick: Final = json.JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_constant=_constant)
_QUICK: Final[Callable[[str, int], tuple[Any, int]]] = _quick.scan_once  # type: ignore[attr-defined] # not in the stubs
_SHAPE: Final = bytes.maketrans(b"123456789[", b"000000000{")
_TOO_LONG: Final = b"0" * MAX_DIGITS  # that many digits are rare, and with one more or a sign too long
