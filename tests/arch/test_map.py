"""Every source module has its own test module, or a stated reason why not."""

from __future__ import annotations

from pathlib import Path

from tests.arch.tree import PRODUCT, ROOT, Module, modules

UNIT = ROOT / "tests" / "unit"
VALUES = "values without behaviour: the tests of those who use them cover it"
PORT = "protocols only: the contract suites of their backends cover it"
DATA = (UNIT / "rules" / "packs",)  # what they test is YAML
WITHOUT = {  # module: why it has no test module of its own
    "ingest.ports": PORT,
    "alerts.ports": PORT,
    "alerts.operations.command": VALUES,
    "devices.reading": VALUES,
    "devices.resident": VALUES,
    "devices.station": VALUES,
    "ingest.message": VALUES,
    "rules.account": VALUES,
    "rules.gauge": VALUES,
    "rules.judge": "what kinds share: the tests of the kinds cover it",
    "rules.verdict": VALUES,
    "alerts.incidents.command": VALUES,
    "alerts.incidents.events": VALUES,
    "alerts.troubles.command": VALUES,
    "alerts.troubles.events": VALUES,
    "anmin.view": VALUES,
    "anmin.__main__": "two lines; test_guard.py runs them",
}


def expected_test(module: Module) -> Path:
    """`rules/kinds/rise.py` -> `tests/unit/rules/kinds/test_rise.py`."""
    inside = module.path.relative_to(ROOT)
    return UNIT / inside.with_name(f"test_{inside.name}")


def sources() -> list[Module]:
    """All but package heads and migrations, which test_migrate.py runs on databases of their time."""
    found = [module for module in modules(*PRODUCT) if module.path.name != "__init__.py"]
    return [module for module in found if not module.name.startswith("anmin.backends.migrations.")]


def test_every_source_module_has_its_test_module() -> None:
    missing = [m.shown for m in sources() if m.name not in WITHOUT and not expected_test(m).exists()]
    assert not missing, "\n".join(missing)


def test_exceptions_are_still_exceptions() -> None:
    known = {module.name: module for module in sources()}
    gone = [name for name in WITHOUT if name not in known]
    tested = [name for name in WITHOUT if name in known and expected_test(known[name]).exists()]
    assert (gone, tested) == ([], [])


def test_every_unit_test_module_has_its_source() -> None:
    wanted = {expected_test(module) for module in sources()}
    tests = (path for path in UNIT.rglob("test_*.py") if path.parent not in DATA)
    orphans = [str(path.relative_to(ROOT)) for path in tests if path not in wanted]
    assert not orphans, "\n".join(orphans)


def test_every_test_folder_is_a_package() -> None:
    """Without it two modules of the same name shadow each other."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [
        str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()
    ] == []
