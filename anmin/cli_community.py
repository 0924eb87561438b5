"""`anmin community`: take over a changed community file, after showing what it changes; export it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from anmin import houses
from anmin.backends.ledger import Ledger
from anmin.canon import canonical, from_canonical
from anmin.cli_shared import EXIT_CONFIGURATION, Config, configured, guarded, language, refuse, tell
from anmin.clock import Clock
from anmin.community import difference, to_document, to_inventory
from anmin.document import open_file
from anmin.folder import DataFolder
from anmin.keeping import open_ledger
from anmin.settings import Settings
from devices.inventory import Inventory

app = typer.Typer(no_args_is_help=True, help="Import a community file with a shown difference, export it.")


@app.command("import")
def imported(
    file: Path,
    config: Config = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Take it over; without this only the difference is shown.")
    ] = False,
) -> None:
    """Show what a community file changes, and with --apply make it the one in force at the next start.

    The service must be stopped: the ledger has one owner.
    """
    settings = configured(config)
    inventory, findings = to_inventory(open_file(file))
    tell(findings)
    if inventory is None:
        raise typer.Exit(EXIT_CONFIGURATION)
    _in_ledger(settings, inventory, apply)


@app.command()
def export(config: Config = None) -> None:
    """Print the community in force as a community file."""
    settings = configured(config)

    async def work(ledger: Ledger) -> None:
        known = await houses.active_community(ledger)
        if known is None:
            refuse("还没有导入社区文件" if language() == "zh" else "no community has been imported yet")
        typer.echo(to_document(from_canonical(known)), nl=False)

    _with_ledger(settings, work)


def _in_ledger(settings: Settings, new: Inventory, apply: bool) -> None:
    async def work(ledger: Ledger) -> None:
        known = await houses.active_community(ledger)
        changes = difference(from_canonical(known) if known else None, new)
        for change in changes:
            mark = "!" if change.dangerous else " "
            typer.echo(f"{mark} {change.zh if language() == 'zh' else change.en}")
        if not changes:
            typer.echo("没有变化。" if language() == "zh" else "no difference.")
        elif apply:
            await houses.put_community(ledger, new.version, canonical(new), Clock().now())
            typer.echo(
                "已保存，下次启动时生效。" if language() == "zh" else "saved; in force from the next start."
            )

    _with_ledger(settings, work)


def _with_ledger(settings: Settings, work: Callable[[Ledger], Awaitable[None]]) -> None:
    """Open the data directory as its owner would, for one piece of work."""

    async def run() -> None:
        folder = DataFolder(settings.site.data_dir, reserve_bytes=settings.log.reserve_bytes)
        try:
            ledger = open_ledger(settings, folder, at=Clock().now(), broken=_broken)
            try:
                await work(ledger)
            finally:
                await ledger.close()
        finally:
            folder.close()

    guarded(run())


def _broken(error: OSError) -> None:
    typer.echo(f"anmin: {error}", err=True)
