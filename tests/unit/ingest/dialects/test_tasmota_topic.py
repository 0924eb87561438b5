"""ingest.dialects.tasmota_topic: a FullTopic in any order."""

from __future__ import annotations

import pytest

from ingest.dialects.tasmota_topic import FullTopic


@pytest.mark.parametrize(
    ("template", "topic", "place"),
    [
        ("%prefix%/%topic%/", "tele/a/STATE", ("tele", "a", "STATE")),
        ("%prefix%/%topic%", "stat/a/RESULT", ("stat", "a", "RESULT")),
        ("%prefix%/%topic%/", "tele/a/898E/SENSOR", ("tele", "a/898E", "SENSOR")),
        ("/%topic%/%prefix%/", "/a/tele/SENSOR", ("tele", "a", "SENSOR")),
        ("/%topic%/%prefix%/", "/a/898E/tele/SENSOR", ("tele", "a/898E", "SENSOR")),
        ("home/%topic%/x/%prefix%/", "home/a/x/tele/LWT", ("tele", "a", "LWT")),
        ("%prefix%/%topic%/", "cmnd/a/POWER", None),
        ("%prefix%/%topic%/", "tele/a", None),
        ("%prefix%/%topic%/", "tele/a/b/c/SENSOR", None),
        ("%prefix%/%topic%/", "tele//SENSOR", None),
        ("%prefix%/%topic%/", "tele/a/", None),
        ("%prefix%/%topic%/", "/tele/a/STATE", None),
        ("/%topic%/%prefix%/", "a/tele/SENSOR", None),
        ("home/%topic%/x/%prefix%/", "home/a/y/tele/LWT", None),
    ],
)
def test_topic_is_taken_apart(template: str, topic: str, place: tuple[str, str, str] | None) -> None:
    assert FullTopic(template).read(topic) == place


def test_filters_follow_the_template() -> None:
    assert FullTopic("/%topic%/%prefix%/").filters("tele", "SENSOR") == "/+/tele/SENSOR"
    assert FullTopic("h/%prefix%/%topic%/").filters("tele", "LWT", deep=True) == "h/tele/+/+/LWT"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "%prefix%/",
        "%topic%/",
        "%prefix%/%topic%/%topic%/",
        "%prefix%/x-%topic%/",
        "%prefix%/%topic%/%id%/",
        "+/%prefix%/%topic%/",
        "#/%prefix%/%topic%/",
        "%prefix%//%topic%/",
        "//%prefix%/%topic%/",
        "%prefix%/%topic%//",
    ],
)
def test_template_that_cannot_be_told_apart_is_an_error(template: str) -> None:
    with pytest.raises(ValueError, match="FullTopic"):
        FullTopic(template)
