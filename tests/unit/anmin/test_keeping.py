"""The ledger that is opened is the one that the settings name."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.backends.ledger import Ledger
from anmin.backends.unusable import LedgerUnusable
from anmin.folder import DataFolder
from anmin.keeping import open_ledger
from anmin.settings import Settings, load
from tests.support.postgres import Postgres
from tests.support.shell import site


async def kept_in(settings: Settings) -> str:
    folder = DataFolder(settings.site.data_dir, reserve_bytes=1 << 16)
    try:
        ledger: Ledger = open_ledger(settings, folder, at=0, broken=lambda _: None)
        try:
            return await ledger.read(lambda c: c.dialect.name)
        finally:
            await ledger.close()
    finally:
        folder.close()


async def test_without_a_url_it_is_the_file_in_the_data_directory(tmp_path: Path) -> None:
    for text in ("", '[ledger]\nurl = ""\n'):
        assert await kept_in(load(site(tmp_path, text), {})) == "sqlite"
    assert (tmp_path / "data" / "ledger.db").exists()


@pytest.mark.parametrize("named", ["url", "url_file"])
async def test_a_url_or_the_file_that_holds_it_names_a_server(
    named: str, tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.url()
    secret = tmp_path / "ledger-url"
    secret.write_text(url + "\n")
    secret.chmod(0o600)
    value = url if named == "url" else secret.name
    settings = load(site(tmp_path, f'[ledger]\n{named} = "{value}"\n'), {})
    assert await kept_in(settings) == "postgresql"
    assert not (tmp_path / "data" / "ledger.db").exists()


async def test_a_ledger_is_not_taken_over_by_another_data_directory(
    tmp_path: Path, postgres: Postgres
) -> None:
    settings = []
    url = postgres.url()
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        settings.append(load(site(tmp_path / name, f'[ledger]\nurl = "{url}"\n'), {}))
    assert await kept_in(settings[0]) == "postgresql"
    with pytest.raises(LedgerUnusable, match="follows the log of another data directory") as caught:
        await kept_in(settings[1])
    assert "另一个数据目录" in caught.value.zh
    assert await kept_in(settings[0]) == "postgresql"  # and it is free again, and ours


async def test_a_server_that_is_not_there_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    settings = load(site(tmp_path, '[ledger]\nurl = "postgresql://a:b@127.0.0.1:1/c"\n'), {})
    with pytest.raises(LedgerUnusable):
        await kept_in(settings)
    assert not (tmp_path / "data" / "ledger.db").exists()
