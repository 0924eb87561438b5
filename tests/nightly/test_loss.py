"""A thousand devices over thirty simulated days, a hundredth of the reports lost (reliability P10).

How long losses last is the question. Links of 802.15.4 do lose in bursts, but these are over within about
half a second (Srinivasan et al., "The beta-factor", SenSys 2008): of them nothing is left between reports
that are 24 s and more apart. `5 s` is ten times that. LoRaWAN frames of a device that never moves are lost in
bursts as well (Marcelis et al., "DaRe", 2017), whatever lies between them: `two reports` makes every loss
last two reports on average, of a daily device two days. For that only the computed number is promised.
"""

from __future__ import annotations

import math
from statistics import median

import pytest

from devices.instant import DAY, HOUR, MINUTE, SECOND
from tests.support.lossy import Channel, Mix, Month

THOUSAND: Mix = {24 * SECOND: 10, 5 * MINUTE: 90, HOUR: 400, DAY: 500}
MONTH = 30 * DAY
DEATHS = 100
SEEDS = (1, 2, 3)
CHANNELS = (Channel("by itself"), Channel("5 s", burst_for=5 * SECOND), Channel("two reports", burst=2))

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_a_month_of_a_thousand_devices(channel: Channel, capsys: pytest.CaptureFixture[str]) -> None:
    months = [Month(THOUSAND, channel, for_=MONTH, deaths=DEATHS, seed=seed).run() for seed in SEEDS]
    expected = channel.expected(THOUSAND, MONTH)
    false = [len(month.false) for month in months]
    waits = sorted(wait / SECOND for month in months for wait in month.waits)
    with capsys.disabled():
        print(
            f"\n{channel.name}: {sum(month.reports for month in months):,} reports, "
            f"lost {sum(m.lost for m in months) / sum(m.reports for m in months):.2%}, "
            f"deaths {sum(len(m.deaths) for m in months)}, missed {sum(len(m.missed) for m in months)}, "
            f"told {median(waits):.0f} s (most {waits[-1]:.0f}) after the silence allowed, "
            f"falsely lost {false}, expected {expected:.2g} each"
        )
    assert all(len(month.deaths) == DEATHS for month in months)
    assert not any(month.missed or month.others for month in months)
    if not channel.burst:
        assert expected <= 0.01
    assert abs(sum(false) - len(SEEDS) * expected) <= 4 * math.sqrt(len(SEEDS) * expected) + (expected > 1)
