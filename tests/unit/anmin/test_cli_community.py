"""`anmin community`: the difference first, then on demand the change; the ledger of a stopped service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from anmin import houses
from anmin.canon import canonical
from anmin.community import to_inventory
from anmin.document import open_file
from anmin.folder import DataFolder
from tests.support.ledger import opened, url_in
from tests.support.shell import COMMUNITY, Said, anmin, site

SMALLER = COMMUNITY.replace("  - {id: siren-b1, profile: native-siren, place: b1}\n", "")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return site(tmp_path)


def text_of(file: Path) -> str:
    inventory, _ = to_inventory(open_file(file))
    assert inventory is not None
    return canonical(inventory)


def in_force(config: Path) -> str | None:
    async def look() -> str | None:
        async with opened(url_in(config.parent / "data")) as ledger:
            return await houses.active_community(ledger)

    return asyncio.run(look())


def imported(config: Path, text: str, *more: str) -> Said:
    file = config.parent / "new.yaml"
    file.write_text(text, encoding="utf-8")
    return anmin("community", "import", file, *more, "--config", config)


def test_an_import_shows_the_difference_and_changes_nothing(config: Path) -> None:
    said = imported(config, COMMUNITY)
    assert said.code == 0
    assert "smoke-101" in said.out
    assert in_force(config) is None


def test_an_import_that_is_applied_is_in_force_and_says_from_when(config: Path) -> None:
    said = imported(config, COMMUNITY, "--apply")
    assert said.code == 0
    assert said.out.endswith("saved; in force from the next start.\n")
    assert in_force(config) == text_of(config.parent / "new.yaml")


def test_the_same_again_is_no_difference(config: Path) -> None:
    imported(config, COMMUNITY, "--apply")
    for more in ((), ("--apply",)):
        assert imported(config, COMMUNITY, *more) == (0, "no difference.\n", "")


def test_what_makes_people_less_safe_is_marked(config: Path) -> None:
    imported(config, COMMUNITY, "--apply")
    said = imported(config, SMALLER)
    marked = [line for line in said.out.splitlines() if line.startswith("! ")]
    assert any("siren-b1" in line for line in marked)
    back = imported(config, SMALLER, "--apply")
    assert "saved" in back.out
    again = imported(config, COMMUNITY)
    assert not any(line.startswith("! ") for line in again.out.splitlines())


def test_a_file_with_errors_names_them_and_changes_nothing(config: Path) -> None:
    said = imported(config, COMMUNITY + "zonez: []\n", "--apply")
    assert said.code == 3
    assert f"{config.parent / 'new.yaml'}:12:" in said.err
    assert not (config.parent / "data").exists()


def test_a_file_that_is_not_there_is_named(config: Path) -> None:
    said = anmin("community", "import", config.parent / "none.yaml", "--config", config)
    assert said.code == 3
    assert "none.yaml" in said.err


def test_an_export_is_a_community_file_of_what_is_in_force(config: Path) -> None:
    imported(config, COMMUNITY, "--apply")
    said = anmin("community", "export", "--config", config)
    assert said.code == 0
    file = config.parent / "exported.yaml"
    file.write_text(said.out, encoding="utf-8")
    assert text_of(file) == in_force(config)


def test_an_export_before_the_first_import_says_that_there_is_nothing(config: Path) -> None:
    said = anmin("community", "export", "--config", config)
    assert (said.code, said.out) == (1, "")  # also what the ledger's making is logged as is no output
    assert said.err.endswith("anmin: no community has been imported yet\n")


def test_while_a_service_runs_its_folder_is_not_touched(config: Path) -> None:
    folder = DataFolder(config.parent / "data", reserve_bytes=1 << 16)
    try:
        for said in (
            imported(config, COMMUNITY, "--apply"),
            anmin("community", "export", "--config", config),
        ):
            assert said.code == 3
            assert "the data directory is in use by process" in said.err
            assert len(said.err.splitlines()) == 1
    finally:
        folder.close()


def test_a_ledger_that_cannot_be_read_is_one_line(config: Path) -> None:
    data = config.parent / "data"
    data.mkdir()
    (data / "ledger.db").write_bytes(b"not a database" * 500)
    said = imported(config, COMMUNITY)
    assert said.code == 3
    assert "ledger" in said.err
    assert "restore it from a backup" in said.err


def test_words_are_in_the_language_of_the_terminal(config: Path) -> None:
    file = config.parent / "community.yaml"
    said = anmin("community", "import", file, "--apply", "--config", config, LANG="zh_CN.UTF-8")
    assert said.out.endswith("已保存，下次启动时生效。\n")
