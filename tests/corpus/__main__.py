"""Prints the table of the corpus and how many items are right; ends with 1 when one is wrong."""

from __future__ import annotations

import sys
from collections import Counter

from tests.corpus import ARGUED, rows
from tests.support.services import need


def main() -> int:
    found = list(rows(need("shared data")))
    for row in found:
        print(f"{row.folder:<15} {row.item:<52} {row.said or 'right'}")
    print()
    for folder, items in Counter(row.folder for row in found).items():
        mine = [row for row in found if row.folder == folder]
        argued = sum(row.said.startswith(ARGUED) for row in mine)
        wrong = sum(row.wrong for row in mine)
        print(f"{folder:<15} {items - wrong} of {items}, argued {argued}")
    wrong = sum(row.wrong for row in found)
    print(f"{'all':<15} {len(found) - wrong} of {len(found)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
