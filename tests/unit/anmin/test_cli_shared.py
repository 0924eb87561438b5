"""What an operator can mend is one line and an exit code; what is a bug keeps its traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from anmin.backends.broker import BrokerFailed
from anmin.backends.disk import DiskBroken, NoSpace
from anmin.backends.segment import LogDamaged
from anmin.backends.unusable import LedgerUnusable, ServerAway
from anmin.books import HistoryDiffers, LogBehind
from anmin.cli_shared import chosen, configured, guarded, refuse
from anmin.folder import FolderInUse
from anmin.houses import VersionMissing
from anmin.snapshot import SnapshotUnusable
from anmin.wiring import PortTaken
from ingest.ports import LogBroken, LogFull, SourceDown

HERE = Path("data")


def raising(error: BaseException) -> int:
    """The exit code of a piece of work that ends so."""

    async def work() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        guarded(work())
    return ended.value.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FolderInUse(HERE, 7), 3),
        (LedgerUnusable("no such driver"), 3),
        (ServerAway("no answer", "没有应答"), 4),
        (SnapshotUnusable(HERE, "damaged"), 3),
        (LogDamaged(HERE, "a gap", "restore a backup"), 3),
        (VersionMissing("rules", "abc"), 3),
        (LogBehind(5, 3), 3),
        (PortTaken("127.0.0.1", 80, OSError(13, "Permission denied")), 3),
        (PermissionError(13, "Permission denied"), 3),
        (HistoryDiffers(("evt_1",), ()), 1),
        (SourceDown("no broker within 60 s"), 4),
        (BrokerFailed("mosquitto ended"), 4),
        (NoSpace("no space for the ledger"), 4),
        (DiskBroken("I/O error"), 4),
        (LogFull("no space to open the log"), 4),
        (LogBroken("the log cannot be opened"), 4),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_trouble_has_its_exit_code_and_one_line(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert raising(error) == code
    assert capsys.readouterr().err == f"anmin: {error}\n"


@pytest.mark.parametrize(("lang", "said"), [("zh_CN.UTF-8", "没有应答"), ("en_US.UTF-8", "no answer")])
def test_a_ledgers_trouble_is_told_in_the_language_of_who_asks(
    lang: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.setenv("LANG", lang)
    raising(ServerAway("no answer", "没有应答"))
    assert capsys.readouterr().err == f"anmin: {said}\n"


def test_a_trouble_within_groups_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert raising(ExceptionGroup("tasks", [ExceptionGroup("more", [SourceDown("gone")])])) == 4
    assert capsys.readouterr().err == "anmin: gone\n"


@pytest.mark.parametrize("bug", [ZeroDivisionError("oops"), KeyError("items"), OSError("without a number")])
def test_a_bug_is_not_dressed_up(bug: Exception) -> None:
    async def work() -> None:
        raise bug

    with pytest.raises(type(bug)) as raised:
        guarded(work())
    assert raised.value is bug


def test_work_that_ends_well_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    async def work() -> None:
        return

    guarded(work())
    assert capsys.readouterr() == ("", "")


def test_an_exit_within_the_work_keeps_its_code() -> None:
    async def work() -> None:
        raise typer.Exit(2)

    with pytest.raises(typer.Exit) as ended:
        guarded(work())
    assert ended.value.exit_code == 2


def test_a_refusal_is_one_line_and_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        refuse("no such message")
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "anmin: no such message\n"


def test_the_given_settings_file_wins_then_the_one_here_then_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert chosen(None) is None
    (tmp_path / "anmin.toml").touch()
    assert chosen(None) == Path("anmin.toml")
    assert chosen(Path("other.toml")) == Path("other.toml")


def test_broken_settings_are_told_and_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "anmin.toml"
    config.write_text("[web]\nport = -1\nhots = 1\n")
    with pytest.raises(typer.Exit) as ended:
        configured(config)
    assert ended.value.exit_code == 3
    assert [line.split(":")[1] for line in capsys.readouterr().err.splitlines()] == ["2", "3"]
    config.write_text("[web]\nport = 81\n")
    assert configured(config).web.port == 81
