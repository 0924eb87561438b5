"""YAML with positions: plain data, exact places, and nothing that a hostile file can do."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path
from typing import Any

import pytest

from anmin.document import SIZE_CAP, open_file, read


def codes(text: str | bytes) -> list[tuple[int, int, str]]:
    return [(found.line, found.column, found.code) for found in read(text, "f.yaml").findings]


def test_data_is_plain_and_every_value_knows_its_place() -> None:
    document = read("a: 1\nb:\n  - x\n  - {c: true}\n", "f.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": True}]}
    assert document.ok
    assert document.where(("a",)) == (1, 4)
    assert document.where(("a",), key=True) == (1, 1)
    assert document.where(("b", 1, "c")) == (4, 9)
    assert document.where(("b", 1, "c"), key=True) == (4, 6)


def test_a_place_that_is_not_there_is_the_nearest_around_it() -> None:
    document = read("a:\n  b: {c: 1}\n", "f.yaml")
    assert document.where(("a", "b", "missing", 3)) == (2, 6)
    assert read("", "f.yaml").where(("x",)) == (1, 1)


def test_columns_count_characters_not_bytes() -> None:
    assert read("名称: {楼: 三}\n", "f").where(("名称", "楼")) == (1, 9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1.50", 1.5),
        ("null", None),
        ("~", None),
        ("true", True),
        ("no", "no"),
        ("on", "on"),
        ("0101", "0101"),
        ("+8613800001111", "+8613800001111"),
        ("1e3", "1e3"),
        ("0x15", "0x15"),
        (".inf", ".inf"),
        ("12:30", "12:30"),
        ("2026-11-23", "2026-11-23"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("9" * 30, "9" * 30),
    ],
)
def test_a_scalar_is_what_a_person_means(text: str, value: Any) -> None:
    found = read(f"a: {text}\n", "f").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_always_text() -> None:
    assert read("12: a\ntrue: b\n", "f").data == {"12": "a", "true": "b"}


def test_all_errors_that_can_be_passed_are_found_at_once() -> None:
    text = "a: 1\na: 2\nb: !!python/object:os.system y\nc: *nothing\n? [1]\n: 2\n"
    assert codes(text) == [
        (2, 1, "duplicate-key"),
        (3, 4, "tag"),
        (4, 4, "unknown-anchor"),
        (5, 3, "key-not-text"),
    ]


def test_of_a_key_given_twice_the_first_counts() -> None:
    assert read("a: 1\na: 2\n", "f").data == {"a": 1}


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [id]", "!!str x", "!own {a: 1}"])
def test_no_tag_builds_anything(tag: str) -> None:
    assert [code for _, _, code in codes(f"a: {tag}\n")] == ["tag"]


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("a:\n\t- b\n", 2, 1, "tab"),
        ("a: 1\n b: 2\n", 2, 3, "colon"),
        ("a: [1\n", 2, 1, "bracket"),
        ("a: 'x\n", 2, 1, "quote"),
        ("- a\nb: 1\n", 2, 1, "indentation"),
        ("a: @x\n", 1, 4, "quote"),
        ("a: b\nc\n", 3, 1, "colon"),
        ("ab: \x01\n", 1, 5, "control"),
    ],
)
def test_a_syntax_error_says_where_and_what_to_do(text: str, line: int, column: int, word: str) -> None:
    document = read(text, "f.yaml")
    assert document.data is None
    (found,) = document.findings
    assert (found.line, found.column, found.code) == (line, column, "yaml")
    assert word in found.en
    assert found.zh != found.en


def test_errors_before_a_syntax_error_are_kept() -> None:
    assert codes("a: 1\na: 2\nb: [\n") == [(2, 1, "duplicate-key"), (4, 1, "yaml")]


def test_a_second_document_is_refused() -> None:
    assert codes("a: 1\n---\nb: 2\n") == [(2, 1, "several-documents")]


def bomb(width: int, depth: int) -> str:
    names = "abcdefghijklmnop"[:depth]
    first = f"a: &a [{','.join(['x'] * width)}]\n"
    lines = [f"{n}: &{n} [{','.join(['*' + p] * width)}]\n" for p, n in itertools.pairwise(names)]
    return first + "".join(lines)


@pytest.mark.parametrize(("width", "depth"), [(9, 9), (4, 16), (2, 16), (90, 3)])
def test_an_alias_bomb_is_refused_within_50_ms(width: int, depth: int) -> None:
    text = bomb(width, depth)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        document = read(text, "bomb")
        took.append(time.perf_counter() - start)
    assert [found.code for found in document.findings] == ["alias-bomb"]
    assert min(took) <= 0.05


def test_a_hundred_aliases_are_enough_however_small() -> None:
    assert read(f"a: &a x\nb: [{','.join(['*a'] * 100)}]\n", "f").ok
    assert [code for _, _, code in codes(f"a: &a x\nb: [{','.join(['*a'] * 101)}]\n")] == ["alias-bomb"]


def test_an_honest_alias_is_a_copy() -> None:
    data = read("a: &x {b: [1]}\nc: *x\n", "f").data
    assert data == {"a": {"b": [1]}, "c": {"b": [1]}}
    assert data["a"] is not data["c"]


def test_an_alias_of_itself_is_no_loop() -> None:
    assert codes("a: &x [*x]\n") == [(1, 8, "unknown-anchor")]


def test_depth_has_an_end() -> None:
    assert codes("[" * 50_000) == [(1, 33, "too-deep")]


def test_size_has_an_end_and_bytes_must_be_utf8() -> None:
    assert codes("x" * (SIZE_CAP + 1)) == [(1, 1, "too-large")]
    assert codes("a: 1\nb: é\n".encode("latin-1")) == [(2, 1, "not-utf8")]
    assert read("\ufeffa: 1".encode(), "f").data == {"a": 1}


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (missing,) = open_file(tmp_path / "none.yaml").findings
    assert (missing.code, missing.line) == ("no-such-file", 0)
    (folder,) = open_file(tmp_path).findings
    assert folder.code == "cannot-read"


def test_a_file_is_read_under_the_name_that_people_gave(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a: 1\na: 1\n")
    assert open_file(path, "c.yaml").findings[0].file == "c.yaml"
    assert open_file(path).name == os.fspath(path)
