"""Positions of settings in TOML."""

from __future__ import annotations

import pytest

from anmin.toml import read

TEXT = '''# [not.a.table]
top = 1
[web]   # comment with = and [brackets]
host = "a # b"
  port = 80
origins = [
  "x", # port = 3
  # [mqtt]
]
text = """
[inside]
port = 5
"""
empty = ""
["quoted name"]
"odd key" = 1
[a.b]
c.d = 2
e = { f = 1 }
g = [[1], [
  2]]
last = true
'''


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        (("top",), (2, 1)),
        (("web",), (3, 2)),
        (("web", "host"), (4, 1)),
        (("web", "port"), (5, 3)),
        (("web", "origins"), (6, 1)),
        (("web", "origins", 1), (6, 1)),
        (("web", "text"), (10, 1)),
        (("web", "empty"), (14, 1)),
        (("quoted name", "odd key"), (16, 1)),
        (("a", "b"), (17, 2)),
        (("a", "b", "c", "d"), (18, 1)),
        (("a", "b", "e", "f"), (19, 1)),
        (("a", "b", "last"), (22, 1)),
        (("web", "nothing"), (3, 2)),
        (("nothing",), (1, 1)),
    ],
)
def test_each_key_is_where_it_stands(path: tuple[str | int, ...], mark: tuple[int, int]) -> None:
    source = read(TEXT, "f.toml")
    assert source.finding is None
    assert source.where(path) == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a = 1\nb = \n", (2, 5)),
        ("a = 1\nc = [\n", (3, 1)),
        ("[a]\nx = 1\nx = 2\n", (3, 6)),
        ("a = b\n", (1, 5)),
    ],
)
def test_what_is_not_toml_says_where(text: str, mark: tuple[int, int]) -> None:
    source = read(text, "f.toml")
    assert source.data == {}
    assert source.finding is not None
    assert (source.finding.line, source.finding.column, source.finding.code) == (*mark, "toml")
