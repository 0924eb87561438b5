"""`python -m tests.fuzz DECODER --seconds 60`: one decoder, guided by coverage; ends with 1 at a finding.

`--again FILE` judges one input without coverage; `--list` names the decoders. Needs atheris
(`uv sync --group fuzz`), which has wheels for Linux on x86-64.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

FINDINGS: Final = Path(tempfile.gettempdir()) / "anmin-fuzz"
NO_ATHERIS: Final = 4
_LONGEST: Final = 8192
_HANGS_S: Final = 30


def main() -> int:
    parse = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parse.add_argument("decoder", nargs="?", default="")
    parse.add_argument("--seconds", type=int, default=60)
    parse.add_argument("--findings", type=Path, default=FINDINGS, help="folder for inputs that are findings")
    parse.add_argument("--again", type=Path, help="judge this one input")
    parse.add_argument("--list", action="store_true")
    asked = parse.parse_args()
    if asked.list or asked.again is not None:
        return _without_coverage(asked)
    if find_spec("atheris") is None:
        print("no atheris: run `uv sync --group fuzz` (wheels: Linux on x86-64)", file=sys.stderr)
        return NO_ATHERIS
    atheris: Any = import_module("atheris")
    with atheris.instrument_imports(include=["ingest", "devices", "tests.fuzz.planted"]):
        found = _target(asked.decoder)
    _fuzz(atheris, asked.decoder, found, asked.seconds, asked.findings)
    return 0


def _without_coverage(asked: argparse.Namespace) -> int:
    if asked.list:
        print("\n".join(import_module("tests.fuzz.targets").NAMES))
        return 0
    from tests.fuzz.judge import judge

    judge(_target(asked.decoder).run, asked.again.read_bytes())
    print("nothing is wrong with it")
    return 0


def _target(name: str) -> Target:
    from tests.fuzz import targets

    if name not in (*targets.NAMES, *targets.PLANTED):
        sys.exit(f"no decoder {name!r}; there are {', '.join(targets.NAMES)}")
    return targets.target(name, _shared())


def _shared() -> Path | None:
    folder = Path(os.environ.get("ANMIN_SHARED") or Path(__file__).resolve().parents[3] / "shared") / "data"
    return folder if folder.is_dir() else None


def _fuzz(atheris: Any, name: str, target: Target, seconds: int, findings: Path) -> None:
    """Does not come back: the fuzzer ends the process. What it learned stays in `corpus` for the next run."""
    from tests.fuzz.targets import words

    folder = findings / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    known = "".join(f'"{escaped(one)}"\n' for one in dict.fromkeys(words(name)))
    dictionary = folder / "words"
    dictionary.write_text(known, "ascii")
    flags = {
        **({"dict": dictionary} if known else {}),  # an empty one ends the fuzzer at once
        "max_total_time": seconds,
        "max_len": _LONGEST,
        "timeout": _HANGS_S,
        "artifact_prefix": f"{folder}/",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    said = [f"-{key}={value}" for key, value in flags.items()]
    atheris.Setup([sys.argv[0], str(corpus), *said], _judged(name, target, folder))
    atheris.Fuzz()


def escaped(word: str) -> str:
    """As the fuzzer's dictionaries are written."""
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}" for byte in word.encode()
    )


def _judged(name: str, target: Target, folder: Path) -> Callable[[bytes], None]:
    from tests.fuzz.judge import judge

    def one(data: bytes) -> None:
        try:
            judge(target.run, data)
        except Exception:
            path = folder / hashlib.sha256(data).hexdigest()[:16]
            path.write_bytes(data)
            print(traceback.format_exc(), file=sys.stderr)
            print(
                f"FINDING in {name}: python -m tests.fuzz {name} --again {path}", file=sys.stderr, flush=True
            )
            os._exit(1)

    return one


if __name__ == "__main__":
    sys.exit(main())
