"""The history in InfluxDB (1, 2, 3) or what speaks its protocol, through its own client on one thread.

Mode 2 writes to `/api/v2/write`, mode 1 to `/write`; both read InfluxQL from `/query`. Every answer has one
meaning: taken, refused for ever (kept aside by the caller), or later. A batch that is refused is halved until
the sample at fault is alone, but only while the server takes a probe: else the fault is not the sample's.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NamedTuple, TypeVar

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError  # what the client lets through when nobody answers

from anmin.history import influx_lines, reader
from anmin.history.ports import HistoryAway, Later, Refused, Stored, Written
from anmin.history.sample import Bucket, Range, Sample, Step
from devices.instant import SECOND, Instant, Micros, instant

T = TypeVar("T")
_PAGE = 10_000
_TIMEOUT_S = 10.0
_SAID = 300
_NAMELESS = "line protocol cannot hold this name"
_LONGEST_FOR: Micros = 3600 * SECOND
Outcome = Literal["taken", "too many", "bad", "later"]


@dataclass(frozen=True, slots=True)
class InfluxTarget:
    """Where to write. Mode 2: `bucket` and `org`, `token`; mode 1: `bucket` is the database (or
    `database/retention`), `token` is `user:password`. Reads ask the database of the bucket's name. `ca` is
    the file of the authority (PEM) that is trusted for https, the system's where it is empty."""

    url: str
    bucket: str
    mode: Literal["2", "1"] = "2"
    org: str = ""
    token: str = ""
    ca: str = ""

    @property
    def path(self) -> str:
        return "/api/v2/write" if self.mode == "2" else "/write"


class Answer(NamedTuple):
    """What one request came to; status 0 is no answer at all."""

    status: int
    said: str
    retry_after: str = ""
    body: str = ""


class InfluxHistory:
    """ports.HistoryStore. `now` is asked only to read a Retry-After that is a date."""

    def __init__(
        self, target: InfluxTarget, now: Callable[[], Instant], timeout_s: float = _TIMEOUT_S
    ) -> None:
        self._target = target
        self._now = now
        self._thread = ThreadPoolExecutor(2, "history")  # a write, and somebody who reads meanwhile
        client: Any = InfluxDBClient  # its own annotations stop half-way
        self._client = client(
            url=target.url,
            token=target.token or None,
            auth_basic=target.mode == "1" and bool(target.token),
            timeout=int(timeout_s * 1000),
            ssl_ca_cert=target.ca or None,
        )

    # The port ---------------------------------------------------------------------------------------------

    async def write(self, samples: Sequence[Sample]) -> Written:
        return await self._do(lambda: self._write(samples))

    async def read(self, asked: Range) -> AsyncIterator[Sample]:
        after = influx_lines.before(asked)
        while True:
            query = influx_lines.select(asked, after, _PAGE)
            found = await self._do(lambda query=query: self._query(query))  # type: ignore[misc]  # mypy cannot infer a lambda's default
            full = len(found) == _PAGE
            if full:  # samples of one millisecond are put in order together
                found = _whole_milliseconds(found)
            for sample in influx_lines.samples(asked, found):
                yield sample
            if not full:
                return
            after = int(found[-1]["time"])

    async def summary(self, asked: Range, step: Step) -> list[Bucket]:
        step.starts(asked)
        query = influx_lines.select_buckets(step.whole(asked), step)
        found = await self._do(lambda: self._query(query))
        return reader.with_gaps(influx_lines.buckets(found), asked, step)

    async def ready(self) -> str:
        return await self._do(self.probe)

    def probe(self) -> str:
        """As `ready`, for who waits here and now."""
        answer = self._post([influx_lines.probe()])
        return "" if _outcome(answer.status) == "taken" else self._problem(answer)

    async def trim(self, before: Instant) -> None:
        """The bucket's own retention does it."""

    async def close(self) -> None:
        self._client.close()
        self._thread.shutdown()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # On the thread ----------------------------------------------------------------------------------------

    def _write(self, samples: Sequence[Sample]) -> Written:
        told = [(one, influx_lines.line(one)) for one in samples]
        good = [(one, line) for one, line in told if line]
        waiting = [([one for one, _ in good], [line for _, line in good])] if good else []
        refused = [Refused(one, _NAMELESS) for one, line in told if not line]
        proved = False
        while waiting:
            part, lines = waiting.pop()
            answer = self._post(lines)
            outcome = _outcome(answer.status)
            if outcome == "taken":
                continue
            if outcome == "bad" and not proved:
                probe = self._post([influx_lines.probe()])
                proved = _outcome(probe.status) == "taken"
                answer, outcome = (answer, outcome) if proved else (probe, "later")
            if outcome == "later":
                return Later(self._problem(answer), self._wait_for(answer), gone=not answer.status)
            if len(part) == 1:
                refused.append(Refused(part[0], f"{answer.status}: {answer.said}"))
                continue
            half = len(part) // 2
            waiting += [(part[half:], lines[half:]), (part[:half], lines[:half])]
        return Stored(tuple(refused))

    def _post(self, lines: Iterable[str]) -> Answer:
        target = self._target
        if target.mode == "2":
            query = [("org", target.org), ("bucket", target.bucket), ("precision", "ns")]
        else:
            database, _, kept = target.bucket.partition("/")
            query = [("db", database), ("precision", "ns")] + ([("rp", kept)] if kept else [])
        return self._call("POST", target.path, query, "\n".join(lines).encode())

    def _query(self, statement: str) -> list[dict[str, Any]]:
        database, _, kept = self._target.bucket.partition("/")
        query = [("db", database), ("q", statement), ("epoch", "ns")] + ([("rp", kept)] if kept else [])
        answer = self._call("GET", "/query", query, None)
        if answer.status != 200:
            raise HistoryAway(self._problem(answer))
        try:
            return list(influx_lines.rows(json.loads(answer.body)))
        except ValueError as error:
            raise HistoryAway(f"{self._target.url}/query: {error}; {_DO['query']}") from error

    def _call(self, method: str, path: str, query: list[tuple[str, str]], body: bytes | None) -> Answer:
        headers = {"Content-Type": "text/plain; charset=utf-8", "Accept": "application/json"}
        if (
            body is not None
        ):  # not by the client: it takes the slowest level, 15 times the time for a sixth less
            headers["Content-Encoding"] = "gzip"
            body = gzip.compress(body, 1)
        try:
            response = self._client.api_client.call_api(
                path,
                method,
                query_params=query,
                header_params=headers,
                body=body,
                _preload_content=False,
                _return_http_data_only=True,
                urlopen_kw={"redirect": False},
            )
            return Answer(response.status, "", body=response.data.decode("utf-8", "replace"))
        except ApiException as error:
            said = error.body.decode("utf-8", "replace") if isinstance(error.body, bytes) else error.body
            headers_in: Any = error.headers or {}
            after = str(headers_in.get("Retry-After", ""))
            return Answer(error.status or 0, _first_words(said or error.reason or ""), after)
        except (HTTPError, OSError) as error:
            return Answer(0, _first_words(str(error)))

    def _problem(self, answer: Answer) -> str:
        where = f"{self._target.url}{self._target.path}"
        said = f" ({answer.said})" if answer.said else ""
        if not answer.status:
            do = _DO["certificate" if "certificate" in answer.said.lower() else "none"]
            return f"{where}: no answer{said}; {do}"
        do = _DO.get(str(answer.status)) or _DO["busy" if answer.status >= 500 else "other"]
        return f"{where}: {answer.status}{said}; {do}"

    def _wait_for(self, answer: Answer) -> Micros | None:
        """Retry-After in seconds or as a date; None when it is neither, or was not said."""
        text = answer.retry_after.strip()
        if text.isdecimal() and len(text) < 10:
            return min(int(text) * SECOND, _LONGEST_FOR)
        try:
            return max(0, min(instant(parsedate_to_datetime(text)) - self._now(), _LONGEST_FOR))
        except (TypeError, ValueError):
            return None


_DO = {
    "none": "is the server up, and the url of [history] right?",
    "certificate": "set the ca_file of [history] to the certificate of the server's authority",
    "400": "the server refuses everything, not one sample: is its database or organisation there?",
    "401": "check the token of [history]: the server does not know it",
    "403": "give the token of [history] the right to write to the bucket",
    "404": "create the bucket (1.x: the database), or set the mode of [history] to the server's version",
    "429": "the server wants less; what waits is kept and goes there later",
    "busy": "the server is in trouble; what waits is kept and goes there later",
    "other": "this answer is not of an InfluxDB; is the url of [history] right?",
    "query": "a 2.x server needs a DBRP mapping for the bucket (influx v1 dbrp create)",
}


def _outcome(status: int) -> Outcome:
    """What the answer to a write means."""
    if status in (200, 204):
        return "taken"
    return {400: "bad", 422: "bad", 413: "too many"}.get(status, "later")  # type: ignore[return-value]  # the words above


def _first_words(said: str) -> str:
    try:
        body = json.loads(said)
        said = str(body.get("message") or body.get("error") or said) if isinstance(body, dict) else said
    except ValueError:
        pass
    return " ".join(said.split())[:_SAID]


def _whole_milliseconds(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the last millisecond, which may go on in the next page; unless there is no other."""
    last = int(found[-1]["time"]) // 1_000_000
    kept = [row for row in found if int(row["time"]) // 1_000_000 != last]
    return kept or found
