"""The numbering of a Sparkplug edge node: whether something is missing, and when to ask for it again.

Only a rebirth tells what is missing. A node that does not answer is asked again, one whose rebirths do not
help is left in peace for a while; both are counted in messages, for there is no clock here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SEQUENCE: Final = 256
AGAIN_UNANSWERED: Final = 20
"""Data messages after which a node that did not answer is asked again."""
AGAIN_ANSWERED: Final = 200
"""Data messages after which one is asked again whose rebirths did not help, ASKS of them in a row."""
ASKS: Final = 3


class Session(NamedTuple):
    """An edge node from one birth to the next.

    `generation` is that of the births that hold now. `lost`: something is missing that only a rebirth can
    tell. `asked`: how often in a row, `answered`: a birth came since, `since`: data messages since. `turn`
    orders the nodes by when they were heard.
    """

    turn: int
    generation: int = 0
    bd_seq: int | None = None
    next_seq: int | None = None
    lost: bool = True
    asked: int = 0
    answered: bool = False
    since: int = 0


def arrived(session: Session, seq: int | None, data: bool = False) -> tuple[Session, bool]:
    """After a message with this number (None: absent, which is 0), and whether others before it are lost."""
    number = (seq or 0) % SEQUENCE
    gap = session.next_seq is not None and number != session.next_seq
    turn, generation, bd_seq, _, lost, asks, answered, since = session
    next_seq = (number + 1) % SEQUENCE
    return Session(turn, generation, bd_seq, next_seq, lost or gap, asks, answered, since + data), gap


def unread(session: Session) -> Session:
    """After a message that cannot be read: it took a number all the same."""
    if session.next_seq is None:
        return session
    return session._replace(next_seq=(session.next_seq + 1) % SEQUENCE)


def may_ask(session: Session) -> bool:
    """Whether to ask for a rebirth now: the first time at once."""
    if not session.lost:
        return False
    if not session.asked or session.since >= AGAIN_ANSWERED:
        return True
    return session.asked < ASKS if session.answered else session.since >= AGAIN_UNANSWERED


def asked(session: Session) -> Session:
    """Asking again without an answer counts as one ask; after a calm time the count begins anew."""
    calm = not session.asked or session.since >= AGAIN_ANSWERED
    return session._replace(asked=1 if calm else session.asked + session.answered, answered=False, since=0)
