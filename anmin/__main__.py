"""`python -m anmin` and the command `anmin`: the guard first, before a doubtful name is imported."""

from __future__ import annotations

from anmin.guard import refuse_strangers


def main() -> None:
    refuse_strangers()
    from anmin.cli import main as run

    run()


if __name__ == "__main__":
    main()
