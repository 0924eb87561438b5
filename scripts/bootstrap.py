"""Set up the locked environment on a machine that has only Python; `make demo` and `make test` call it first.

Words on the command line are groups of dependencies that are wanted too (`fuzz`, for `make nightly`).

This file only asks whether the interpreter fits, in syntax that older ones still read; `environment.py` does
the work. It does nothing when nothing changed.
"""

import platform
import sys

OLDEST, NEWEST = (3, 11), (3, 13)
MISFIT = """\
anmin: Python {have} ({path}) does not fit: 3.11, 3.12 or 3.13 is needed.
  What to do: install one of them (Debian 12 has it as python3), or name the one you have:
      make demo PYTHON=/path/to/python3.12
anmin：Python {have}（{path}）版本不合：需要 3.11、3.12 或 3.13。
  怎么办：请安装其中之一（Debian 12 自带 python3），或指明已有的：
      make demo PYTHON=/路径/python3.12
"""


def main() -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.stderr.write(MISFIT.format(have=platform.python_version(), path=sys.executable))
        return 3
    from environment import set_up

    return set_up(*sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
