"""A month of a hundred and fifty devices whose reports get lost: every death is told, nothing alive is."""

from __future__ import annotations

import math

import pytest

from devices.instant import DAY, HOUR, MINUTE, SECOND
from tests.support.lossy import Channel, Mix, Month, told_within

FEW: Mix = {24 * SECOND: 1, 5 * MINUTE: 9, HOUR: 60, DAY: 80}
MONTH = 30 * DAY
DEATHS = 30


@pytest.mark.parametrize("channel", [Channel("by itself"), Channel("in pairs", burst=2)])
def test_all_deaths_are_told_in_time_and_living_devices_only_as_computed(channel: Channel) -> None:
    month = Month(FEW, channel, for_=MONTH, deaths=DEATHS, seed=7)
    done, expected = month.run(), channel.expected(FEW, MONTH)
    assert done.lost / done.reports == pytest.approx(0.01, rel=0.1)
    assert len(done.deaths) == DEATHS
    assert not done.missed
    assert max(done.waits) <= 200 * SECOND
    assert not done.others
    assert abs(len(done.false) - expected) <= 4 * math.sqrt(expected) + (expected > 1)


def test_two_reports_fewer_allowed_and_living_devices_are_called_lost_beyond_chance() -> None:
    """The red control: what is counted above would be seen."""
    channel, hourly = Channel("in pairs", burst=2), {HOUR: 40}
    done = Month(hourly, channel, for_=MONTH, deaths=0, seed=7, fewer=2).run()
    expected = channel.expected(hourly, MONTH)
    assert len(done.false) > expected + 4 * math.sqrt(expected)


def test_a_told_time_has_silence_a_moment_and_the_next_notice_in_it() -> None:
    month = Month({HOUR: 20}, Channel("none", burst_for=1), for_=2 * DAY, deaths=5, seed=1)
    done = month.run()
    assert [done.missed, done.false, len(done.deaths)] == [[], [], 5]
    device = next(iter(month.devices.values()))
    assert told_within(device) - device.profile.silent_after_for == 190 * SECOND
    assert done.notices >= 1
