"""What pydantic refused, said in two languages, with the name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, SecretStr, ValidationError

from anmin.document import Where
from anmin.finding import Wrong, meant
from simulator.script import Unreadable

SHOWN = 40


class Complaint(NamedTuple):
    """`key`: the fault is in the key itself, not in its value."""

    where: Where
    code: str
    zh: str
    en: str
    key: bool = False


_EXPECTED = {  # pydantic's error type, up to its first underscore: what should be there
    "string": ("文字", "text"),
    "int": ("整数", "a whole number"),
    "float": ("数字", "a number"),
    "bool": ("true 或 false", "true or false"),
    "list": ("列表（`[a, b]` 或每行一个 `- a`）", "a list (`[a, b]`, or one `- a` a line)"),
    "tuple": ("列表（`[a, b]`）", "a list (`[a, b]`)"),
    "dict": ("一组 `键: 值`", "`key: value` pairs"),
    "model": ("一组 `键: 值`", "`key: value` pairs"),
    "path": ("文件路径", "a path"),
}
_BOUNDS = {
    "greater_than": ("gt", "必须大于 {}", "must be more than {}"),
    "greater_than_equal": ("ge", "不能小于 {}", "must be at least {}"),
    "less_than": ("lt", "必须小于 {}", "must be less than {}"),
    "less_than_equal": ("le", "不能大于 {}", "must be at most {}"),
    "too_short": ("min_length", "至少要有 {} 项", "needs at least {} entries"),
    "too_long": ("max_length", "最多 {} 项", "takes at most {} entries"),
    "string_too_short": ("min_length", "至少 {} 个字符", "needs at least {} characters"),
    "string_too_long": ("max_length", "最多 {} 个字符", "takes at most {} characters"),
}


def complaints(error: ValidationError, model: type[BaseModel]) -> Iterator[Complaint]:
    """Every complaint of one validation. `model` is what was validated: it knows the right names."""
    for fault in error.errors(include_url=False):
        where = tuple(fault["loc"])
        yield _complaint(where, fault["type"], fault["input"], fault.get("ctx", {}), fault["msg"], model)


def _complaint(
    where: Where, kind: str, given: Any, ctx: dict[str, Any], text: str, model: type[BaseModel]
) -> Complaint:
    name = f"`{where[-1]}`" if where and isinstance(where[-1], str) else ""
    if kind == "missing":
        return Complaint(where[:-1], kind, f"缺少 {name}", f"{name} is missing")
    if kind == "extra_forbidden":
        zh, en = meant(str(where[-1]), _names(model, where[:-1]))
        return Complaint(where, "unknown-key", f"没有 {name} 这个键{zh}", f"there is no key {name}{en}", True)
    if isinstance(wrong := ctx.get("error"), Wrong | Unreadable):
        return Complaint(where, wrong.code, wrong.zh, wrong.en)
    zh, en = _sentence(kind, ctx, text)
    shown_zh, shown_en = ("", "") if _secret(model, where) else _shown(given)
    return Complaint(
        where, kind.replace("_", "-"), f"{name} {zh}{shown_zh}".strip(), f"{name} {en}{shown_en}".strip()
    )


def _sentence(kind: str, ctx: dict[str, Any], text: str) -> tuple[str, str]:
    if kind in _BOUNDS:
        limit, zh, en = _BOUNDS[kind]
        return zh.format(ctx[limit]), en.format(ctx[limit])
    if kind == "string_pattern_mismatch":
        return f"应符合 `{ctx['pattern']}`", f"must match `{ctx['pattern']}`"
    if kind in ("literal_error", "enum"):
        expected = str(ctx["expected"]).replace("'", "`")
        return f"只能是 {expected.replace(' or ', ' 或 ')}", f"must be {expected}"
    if expected_words := _EXPECTED.get(kind.split("_")[0]):
        return f"应是{expected_words[0]}", f"must be {expected_words[1]}"
    return f"不对：{text}", f"is wrong: {text}"


def _shown(given: Any) -> tuple[str, str]:
    if isinstance(given, dict | list):
        return "，这里却是一组值", ", not a group of values"
    text = "null" if given is None else str(given).lower() if isinstance(given, bool) else str(given)
    short = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    return f"，不能是 `{short}`", f", not `{short}`"


def _inner(model: Any, where: Where) -> Any:
    """The type at the end of the way through nested models and lists; None where it is not known."""
    for step in where:
        while not (isinstance(model, type) and issubclass(model, BaseModel)):
            inside = [part for part in get_args(model) if part is not type(None) and part is not Ellipsis]
            if not inside:
                return None
            model = inside[-1]
            if isinstance(step, int):
                break
        if isinstance(step, str):
            if step not in model.model_fields:
                return None
            model = model.model_fields[step].annotation
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _names(model: type[BaseModel], where: Where) -> list[str]:
    return [name for found in _models(_inner(model, where)) for name in found.model_fields]


def _secret(model: type[BaseModel], where: Where) -> bool:
    return _mentions(_inner(model, where), SecretStr)


def _mentions(annotation: Any, kind: type) -> bool:
    return annotation is kind or any(_mentions(part, kind) for part in get_args(annotation))
