"""Values to JSON text and back, in one place: events, incidents, sends, and whatever a snapshot holds.

The frozen dataclasses stay free of pydantic; their annotations are the schema. A live send and a drill send
have the same fields, so the text says which it is (`"send": "live"`), at the top and inside other values, and
a text that does not say is refused: a drill can never be read back as the real thing (promise P26).

Limits: a key of a mapping becomes text, so keys are str, int or an enum; a set comes back as a set but its
order in the text is not canonical: compare values, never texts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeAlias, TypeVar, get_args

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import core_schema

from alerts.broadcasts.broadcast import AnySend, DrillSend, LiveSend
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Command
from alerts.incidents.events import Event
from alerts.incidents.state import Incident
from alerts.operations.command import Operate
from alerts.operations.operation import OperationEvent
from alerts.troubles.command import UpkeepCommand
from alerts.troubles.events import TroubleEvent

T = TypeVar("T")

AnyEvent: TypeAlias = Event | TroubleEvent | OperationEvent
"""What the ledger keeps as having happened."""
AnyCommand: TypeAlias = Command | UpkeepCommand | Operate
"""What a person can ask for."""

_CONFIG = ConfigDict(ser_json_inf_nan="constants")  # the default writes infinity as null, which means unknown
_TAG = "send"


def dump(value: object) -> str:
    """The JSON text of a value, one line. Raises PydanticSerializationError for what is no plain value."""
    kind: Any = type(value)
    return _adapter(kind).dump_json([value]).decode()[1:-1]


def load(kind: type[T], text: str) -> T:
    """The value of a text that `dump` wrote. Raises pydantic.ValidationError (a ValueError)."""
    value: T = load_any(kind, text)
    return value


def load_any(kind: Any, text: str) -> Any:
    """As `load`, for what is no class: unions, `tuple[Reading, ...]`, `dict[str, Incident]`."""
    return _adapter(kind).validate_json(f"[{text}]")[0]


def load_event(text: str) -> AnyEvent:
    event: AnyEvent = load_any(_EVENT, text)
    return event


def load_command(text: str) -> AnyCommand:
    command: AnyCommand = load_any(_COMMAND, text)
    return command


def load_send(text: str) -> AnySend:
    send: AnySend = load_any(AnySend, text)
    return send


def prepare() -> None:
    """Build every form now: the first alarm must not wait the tens of milliseconds that it takes."""
    kinds = (*get_args(AnyEvent), *get_args(AnyCommand), LiveSend, DrillSend, AnySend, Incident, SendOutcome)
    for kind in (*kinds, _EVENT, _COMMAND):
        _adapter(kind)


@cache
def _adapter(kind: Any) -> TypeAdapter[list[Any]]:
    """Values travel in a list of one: pydantic takes no configuration for a dataclass at the root."""
    return TypeAdapter(list[kind], config=_CONFIG)


def _tagged(word: str) -> classmethod[Any, Any, core_schema.CoreSchema]:
    """The hook by which pydantic writes and demands the tag of one class of sends."""

    def write(value: object, plain: Callable[[object], dict[str, object]]) -> dict[str, object]:
        return {_TAG: word, **plain(value)}

    def read(value: object) -> object:
        if not isinstance(value, dict):
            return value
        if value.get(_TAG) != word:
            raise ValueError(f"not a {word} send: {_TAG} is {value.get(_TAG)!r}")
        return {name: field for name, field in value.items() if name != _TAG}

    def schema(cls: type, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            read,
            handler(source),
            serialization=core_schema.wrap_serializer_function_ser_schema(write),
        )

    return classmethod(schema)


def _tag(cls: type, word: str) -> None:
    """Sends found where the type is not written down (a bare tuple) are tagged as well."""
    setattr(cls, "__get_pydantic_core_schema__", _tagged(word))  # noqa: B010 mypy forbids the assignment
    setattr(cls, "__pydantic_serializer__", TypeAdapter(cls).serializer)  # noqa: B010 as above


_tag(LiveSend, "live")
_tag(DrillSend, "drill")
_EVENT = Annotated[AnyEvent, Field(discriminator="kind")]
_COMMAND = Annotated[AnyCommand, Field(discriminator="verb")]
