"""What pydantic refuses is said in both languages, and secrets are never repeated."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from anmin.complaint import Complaint, complaints


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    colour: Literal["red", "blue"] = "red"


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    port: int = Field(default=1, ge=1, le=9)
    ratio: float = Field(default=1, gt=0, lt=2)
    name: str = Field(default="x", min_length=1, max_length=3)
    on: bool = True
    tags: list[str] = Field(default=[], max_length=1)
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    word: SecretStr | None = None


def told(**given: Any) -> list[Complaint]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(given)
    return list(complaints(caught.value, Outer))


@pytest.mark.parametrize(
    ("given", "en", "zh"),
    [
        ({"port": "x"}, "`port` must be a whole number, not `x`", "`port` 应是整数，不能是 `x`"),
        ({"port": 0}, "`port` must be at least 1, not `0`", "`port` 不能小于 1，不能是 `0`"),
        ({"port": 10}, "`port` must be at most 9, not `10`", None),
        ({"ratio": 0}, "`ratio` must be more than 0.0, not `0`", None),
        ({"ratio": 2}, "`ratio` must be less than 2.0, not `2`", None),
        ({"ratio": "no"}, "`ratio` must be a number, not `no`", None),
        ({"name": 5}, "`name` must be text, not `5`", None),
        ({"name": ""}, "`name` needs at least 1 characters, not ``", None),
        ({"name": "long!"}, "`name` takes at most 3 characters, not `long!`", None),
        ({"on": "perhaps"}, "`on` must be true or false, not `perhaps`", None),
        (
            {"tags": {"a": 1}},
            "`tags` must be a list (`[a, b]`, or one `- a` a line), not a group of values",
            None,
        ),
        ({"tags": ["a", "b"]}, "`tags` takes at most 1 entries, not a group of values", None),
        ({"inner": 3}, "`inner` must be `key: value` pairs, not `3`", None),
        ({"inner": {"colour": True}}, "`colour` must be `red` or `blue`, not `true`", None),
        ({"prot": 1}, "there is no key `prot`; did you mean `port`?", "没有 `prot` 这个键；是不是 `port`？"),
    ],
)
def test_each_fault_has_its_sentence(given: dict[str, Any], en: str, zh: str | None) -> None:
    (complaint,) = told(**given)
    assert complaint.en == en
    assert complaint.zh != en
    assert zh is None or complaint.zh == zh


def test_several_faults_are_told_at_once_each_with_its_way() -> None:
    found = told(port="x", inners=[{}, {"color": "red"}], inner={"colour": "green"})
    assert {(said.where, said.code) for said in found} == {
        (("port",), "int-parsing"),
        (("inners", 1, "color"), "unknown-key"),
        (("inner", "colour"), "literal-error"),
    }
    assert "did you mean `colour`?" in next(said.en for said in found if said.key)


def test_a_secret_is_never_repeated() -> None:
    (complaint,) = told(word=314159)
    assert complaint.en == "`word` must be text"
    assert "314159" not in complaint.zh


def test_a_long_value_is_cut() -> None:
    (complaint,) = told(port="y" * 500)
    assert len(complaint.en) < 120
