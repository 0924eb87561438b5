"""How long files and functions may be: what is longer hides a second idea."""

from __future__ import annotations

import ast
from statistics import median, quantiles

from tests.arch.tree import BESIDE, PRODUCT, length, modules

FILE_MEDIAN, FILE_CEILING = 200, 500
FUNCTION_MEDIAN, FUNCTION_P90 = 8, 30
EXEMPT = {"anmin.wiring"}  # one straight line that builds everything
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc"}


def function_lengths() -> list[tuple[int, str]]:
    """(lines, where) of every function of the product."""
    return [
        (length(function), f"{module.shown}:{function.lineno} {function.name}")
        for module in modules(*PRODUCT)
        if module.name not in EXEMPT
        for function in module.functions()
    ]


def test_files_of_the_product_are_short() -> None:
    assert median(module.lines for module in modules(*PRODUCT)) <= FILE_MEDIAN


def test_no_file_is_over_the_ceiling() -> None:
    long = [module for module in modules(*PRODUCT, *BESIDE) if module.lines > FILE_CEILING]
    assert [f"{module.shown}: {module.lines}" for module in long if module.name not in EXEMPT] == []


def test_functions_of_the_product_are_short() -> None:
    lengths = function_lengths()
    longest = "\n".join(f"{lines:4} {where}" for lines, where in sorted(lengths, reverse=True)[:15])
    sizes = [lines for lines, _ in lengths]
    assert median(sizes) <= FUNCTION_MEDIAN, longest
    assert quantiles(sizes, n=10)[-1] <= FUNCTION_P90, longest


def test_length_counts_from_def_to_the_last_line() -> None:
    parsed = ast.parse("@x\ndef f():\n    '''Doc.'''\n\n    return 1\n").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    assert length(parsed) == 4


def test_module_names_say_what_they_hold() -> None:
    every = modules(*PRODUCT, *BESIDE)
    assert [module.shown for module in every if VAGUE & set(module.name.split("."))] == []


def test_module_begins_with_why_it_exists() -> None:
    product = modules(*PRODUCT, "bench", "scripts")
    assert [module.shown for module in product if not ast.get_docstring(module.tree)] == []
