"""What the history store has not taken yet and a start would not replay: a bounded file beside the log.

It is written when a snapshot is (see ADR 9) and while the store is away, so mostly it is empty. Beyond its
cap the oldest goes, and a gap says so. What a store refuses for ever is put aside here with its reason.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from anmin.history.ports import Refused
from anmin.history.sample import Sample

FORMAT = 1
CAP_BYTES = 1 << 30
"""About 70 million samples: three days at 250 a second."""
ASIDES = 100_000
_CHUNK = 2000
_BITE = 200  # samples that are made text at once, so that nobody waits long for the interpreter
_PRAGMAS = ("locking_mode=EXCLUSIVE", "auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL")
_SCHEMA = f"""
BEGIN;
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL,
  count INTEGER NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE aside (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE gap (
  id INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL,
  count INTEGER NOT NULL, why TEXT NOT NULL
);
CREATE TABLE secured (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), sequence INTEGER NOT NULL);
INSERT INTO secured VALUES (1, 0);
PRAGMA user_version = {FORMAT};
COMMIT;
"""  # noqa: S608 the only thing put in is a number of ours
_ADD = "INSERT INTO chunk (first, last, count, size, body) VALUES (?, ?, ?, ?, ?)"
_GAP = "INSERT INTO gap (first, last, count, why) VALUES (?, ?, ?, ?)"
OVERFLOW = "overflow"
UNKNOWN = "not kept"


class Chunk(NamedTuple):
    id: int
    samples: list[Sample]


class Gap(NamedTuple):
    """What the history does not have: samples of log records `first` to `last`.

    `samples` of them were lost (`why` is OVERFLOW), or nobody knows how many (UNKNOWN, 0): the history was
    switched off then, or this file was lost.
    """

    first: int
    last: int
    samples: int
    why: str


class Spool:
    """Used on one thread. Everything raises sqlite3.Error, nothing is half done then."""

    def __init__(self, path: Path, cap_bytes: int = CAP_BYTES) -> None:
        self._cap = cap_bytes
        self._link = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                self._link.execute(f"PRAGMA {pragma}")
            (version,) = self._link.execute("PRAGMA user_version").fetchone()
            if version not in (0, FORMAT):
                raise sqlite3.DatabaseError(f"format {version}, this version reads {FORMAT}")
            if version != FORMAT:
                self._link.executescript(_SCHEMA)
            self._look()
        except BaseException:
            self._link.close()
            raise

    def _look(self) -> None:
        find = self._link.execute
        (self.secured,) = find("SELECT sequence FROM secured").fetchone()
        """Everything up to this log record is in the store or here."""
        found = find("SELECT total(count), total(size), min(first) FROM chunk").fetchone()
        self.waiting, self._bytes, self.oldest_sequence = int(found[0]), int(found[1]), found[2]
        """Samples that wait, and the first record they are of (None: nothing waits)."""
        (self.refused,) = find("SELECT count(*) FROM aside").fetchone()

    def secure(self, samples: Iterable[Sample], sequence: int) -> None:
        """Keep these, after which everything up to `sequence` is safe."""
        chunks = [_packed(part) for part in _parts(samples, _CHUNK)]
        with self._transaction():
            self._link.executemany(_ADD, chunks)
            self._link.execute("UPDATE secured SET sequence = max(sequence, ?)", (sequence,))
            excess = self._bytes + sum(chunk[3] for chunk in chunks) - self._cap
            if excess > 0:
                self._drop(excess)

    def _drop(self, excess: int) -> None:
        rows = self._link.execute("SELECT id, first, last, count, size FROM chunk ORDER BY id").fetchall()
        dropped = []
        for row in rows:
            if excess <= 0:
                break
            dropped.append(row)
            excess -= row[4]
        self._link.execute("DELETE FROM chunk WHERE id <= ?", (dropped[-1][0],))
        first, last = min(row[1] for row in dropped), max(row[2] for row in dropped)
        self._note(Gap(first, last, sum(row[3] for row in dropped), OVERFLOW))

    def note(self, gap: Gap) -> None:
        with self._transaction():
            self._note(gap)

    def _note(self, gap: Gap) -> None:
        """One row for what belongs together."""
        query = "SELECT id, first, last, count FROM gap WHERE why = ? ORDER BY id DESC LIMIT 1"
        before = self._link.execute(query, (gap.why,)).fetchone()
        if before is None or gap.first > before[2] + 1 or gap.why != OVERFLOW:
            self._link.execute(_GAP, gap)
            return
        number, first, last, count = before
        widened = (min(first, gap.first), max(last, gap.last), count + gap.samples, number)
        self._link.execute("UPDATE gap SET first = ?, last = ?, count = ? WHERE id = ?", widened)

    def gaps(self) -> list[Gap]:
        return [
            Gap(*row) for row in self._link.execute("SELECT first, last, count, why FROM gap ORDER BY id")
        ]

    def oldest(self) -> Chunk | None:
        """What waits longest."""
        row = self._link.execute("SELECT id, body FROM chunk ORDER BY id LIMIT 1").fetchone()
        return Chunk(row[0], _unpacked(row[1])) if row else None

    def done(self, chunk_id: int, refused: Sequence[Refused]) -> None:
        """The store has it, except what it refused."""
        with self._transaction():
            self._link.execute("DELETE FROM chunk WHERE id = ?", (chunk_id,))
            self._put_aside(refused)
        if not self.waiting:
            self._link.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page

    def put_aside(self, refused: Sequence[Refused]) -> None:
        with self._transaction():
            self._put_aside(refused)

    def _put_aside(self, refused: Sequence[Refused]) -> None:
        rows = [(json.dumps(one.sample), one.why) for one in refused]
        self._link.executemany("INSERT INTO aside (body, why) VALUES (?, ?)", rows)
        if rows:
            self._link.execute("DELETE FROM aside WHERE id <= (SELECT max(id) FROM aside) - ?", (ASIDES,))

    def asides(self, limit: int = 100) -> list[Refused]:
        """The newest that a store refused for ever, with its words."""
        rows = self._link.execute("SELECT body, why FROM aside ORDER BY id DESC LIMIT ?", (limit,))
        return [Refused(Sample(*json.loads(body)), why) for body, why in rows]

    def rewind(self, sequence: int) -> None:
        """The log ends here: it is of an older backup, and numbers are given out again."""
        with self._transaction():
            self._link.execute("UPDATE secured SET sequence = ?", (sequence,))

    def close(self) -> None:
        self._link.close()

    def _transaction(self) -> _Transaction:
        return _Transaction(self)


class _Transaction:
    """BEGIN to COMMIT, and the counts looked up again, or nothing at all."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def __enter__(self) -> None:
        self._spool._link.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        link = self._spool._link
        try:
            if kind is None:
                link.execute("COMMIT")
        finally:
            if link.in_transaction:
                link.execute("ROLLBACK")
        self._spool._look()


def _parts(samples: Iterable[Sample], size: int) -> Iterator[list[Sample]]:
    left = iter(samples)
    while part := list(islice(left, size)):
        yield part


def _packed(samples: list[Sample]) -> tuple[int, int, int, int, bytes]:
    text = "\n".join(json.dumps(part) for part in _parts(samples, _BITE))
    body = zlib.compress(text.encode(), 1)
    numbers = [one.sequence for one in samples]
    return min(numbers), max(numbers), len(samples), len(body), body


def _unpacked(body: bytes) -> list[Sample]:
    lines = zlib.decompress(body).decode().split("\n")
    return [Sample(*one) for line in lines for one in json.loads(line)]
