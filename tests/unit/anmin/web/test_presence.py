"""Who is at the crew page."""

from __future__ import annotations

from anmin.web.presence import PresenceBook


def test_somebody_is_present_while_one_page_is_open() -> None:
    book = PresenceBook()
    assert "li" not in book
    book.enter("li")
    book.enter("li")
    book.leave("li")
    assert "li" in book
    book.leave("li")
    assert "li" not in book
