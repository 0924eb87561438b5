"""A fire as it goes on: the same physics, asked in the order of time, put out when somebody comes."""

from __future__ import annotations

from dataclasses import replace

from simulator.hazards.fire import Air, RoomFire


class Burning:
    """Keeps the smoke of every second so far, so that asking at second 1,800 costs what it costs at 1.

    Times are seconds from ignition; between two whole seconds the air is that of the earlier one.
    """

    def __init__(self, fire: RoomFire) -> None:
        self.fire = fire
        self._kept_kj = [0.0]

    def put_out(self, t: float) -> None:
        """Water on it, from now on; the past stays as it was."""
        if t < self.fire.out_s:
            self.fire = replace(self.fire, out_s=t)
            del self._kept_kj[max(1, int(t) + 1) :]

    def air(self, t: float) -> Air:
        """At the ceiling of the room of origin."""
        return self.fire.air_with(t, self._kept(t)) if t > 0 else self.fire.air(0.0)

    def beyond(self, t: float, *, delay_s: float, share: float) -> Air:
        """Elsewhere, as `RoomFire.beyond`."""
        here, ambient = self.air(t - delay_s), self.fire.ambient_c
        return Air(
            ambient + 0.1 * share * (here.temperature_c - ambient),
            share * here.smoke_db_per_m,
            share * here.co_ppm,
        )

    def _kept(self, t: float) -> float:
        second = int(t)
        while len(self._kept_kj) <= second:
            self._kept_kj.append(self.fire.kept_after(self._kept_kj[-1], len(self._kept_kj) - 1))
        return self._kept_kj[second]
