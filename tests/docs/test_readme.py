"""The first page in both languages: the two commands, what Anmin is not, and commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.arch.tree import ROOT

READMES = ("README.md", "README.zh-CN.md")
NEVER_REPLACES = {"README.md": "never replaces", "README.zh-CN.md": "绝不取代"}
DOCUMENTS = ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", *READMES]
DOCUMENTS += sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str) -> list[list[str]]:
    """The commands of each shell block, without their comments."""
    found = re.findall(r"^```sh\n(.*?)^```", text(name), re.M | re.S)
    return [
        [line.partition("  #")[0].strip() for line in block.splitlines() if line.strip()] for block in found
    ]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*##", text("Makefile"), re.M))


@pytest.mark.parametrize("name", READMES)
def test_readme_opens_with_the_two_commands(name: str) -> None:
    assert blocks(name)[0] == ["make demo", "make test"]
    assert text(name).splitlines().index("```sh") <= 3


@pytest.mark.parametrize("name", READMES)
def test_first_page_says_that_nothing_listed_is_replaced(name: str) -> None:
    first_page = "\n".join(text(name).splitlines()[:12])
    assert NEVER_REPLACES[name] in first_page


def test_both_languages_give_the_same_commands() -> None:
    assert blocks("README.md") == blocks("README.zh-CN.md")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_command_is_a_target(name: str) -> None:
    inline = re.findall(r"`([^`\n]+)`", text(name))
    commands = [command for block in blocks(name) for command in block] + inline
    asked = {command.split()[1] for command in commands if re.match(r"make [a-z]+", command)}
    assert asked <= targets()


COMMANDS = {
    command.split()[1]
    for name in DOCUMENTS
    for block in blocks(name)
    for command in block
    if command.startswith("anmin ")
}


@pytest.mark.parametrize("command", sorted(COMMANDS | {"demo", "run", "check", "replay"}))
def test_every_anmin_command_exists(command: str) -> None:
    asked = [sys.executable, "-m", "anmin", command, "--help"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stderr


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_inside_the_project_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", text(name))
    inside = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in inside if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_every_target_tells_what_it_does() -> None:
    makefile = text("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.M)
    assert phony
    assert set(phony[1].split()) - {"ready"} == targets()
    assert {"demo", "test", "lint", "bench", "nightly", "run", "clean", "docs"} <= targets()
