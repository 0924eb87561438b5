"""Changes to the devices of a community, each checked against all the others, none half done.

A device keeps its id for life: who moves it or puts another in its place goes on with the same history, and a
retired one leaves its name behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from anmin.addresses import DIALECTS, fault
from anmin.canon import sealed
from anmin.finding import meant
from anmin.i18n import t
from anmin.profiles import ABOUT_ITSELF, BUILT_IN
from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.instant import Instant
from devices.inventory import Inventory, Scope
from devices.place import Place
from devices.quantity import QUANTITIES, QuantityKind

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LONGEST_ADDRESS: Final = 200
_LONGEST_TEXT: Final = 80


class Fault(NamedTuple):
    """What is wrong with one field, and what to do, in Chinese and English."""

    field: str
    code: str
    zh: str
    en: str


class Wanted(NamedTuple):
    """A device as somebody wants it. `place`: an id, the way from the community down, or its whole name."""

    profile: str
    place: str
    dialect: str = "native"
    address: str = ""
    id: str = ""
    zh: str = ""
    en: str = ""
    mode: DeviceMode = DeviceMode.LIVE
    via: str = ""
    serial: str = ""
    installed_at: Instant | None = None
    expires_at: Instant | None = None
    calibrated_at: Instant | None = None


class Draft:
    """A copy of an inventory to work on. Each method answers what is wrong; then nothing of it was done."""

    def __init__(self, inventory: Inventory) -> None:
        self._old = inventory
        self.devices = dict(inventory.devices)
        self.retired = {device.id: device for device in inventory.retired}
        known = (*inventory.retired, *inventory.devices.values())
        self.profiles: dict[str, Profile] = {**BUILT_IN, **{one.profile.id: one.profile for one in known}}
        self._addresses = {(one.dialect, one.address): one.id for one in self.devices.values()}
        self._names: dict[str, str | None] | None = None

    def inventory(self) -> Inventory:
        """With all that was done, and its own version."""
        old = self._old
        gone = self.retired.keys()
        return sealed(
            Inventory.of(
                old.community_id,
                "",
                old.tree.places.values(),
                self.devices.values(),
                old.residents,
                old.responders,
                old.stations,
                (one for one in old.tuning if not (one.scope is Scope.DEVICE and one.of in gone)),
                self.retired.values(),
            )
        )

    # What can be done -------------------------------------------------------------------------------------

    def add(self, wanted: Wanted) -> list[Fault]:
        """A new device. Without an id it gets one of its kind and place; without an address, its id."""
        return self._take(wanted, None)

    def put(self, wanted: Wanted) -> list[Fault]:
        """A new device, or what a known one is to be from now on: all of it, as a row of a table says."""
        return self._take(wanted, wanted.id if wanted.id in self.devices else None)

    def _take(self, wanted: Wanted, own: str | None) -> list[Fault]:
        faults: list[Fault] = []
        profile = self._profile(wanted.profile, faults)
        place = self._place(wanted.place, faults)
        name = wanted.id or (self.free_id(profile.kind, place) if profile and place else "")
        if name and own is None:
            self._check_id(name, faults)
        if wanted.address or not any(one.field == "id" for one in faults):
            self._check_address(wanted.dialect, wanted.address or name, own, faults)
        self._check_texts(wanted, faults)
        if wanted.via and (wanted.via == name or wanted.via not in self.devices):
            faults.append(_unknown("via", ("网关", "gateway"), wanted.via, self.devices))
        if faults or profile is None or place is None:
            return faults
        if own is not None:
            del self._addresses[self.devices[own].dialect, self.devices[own].address]
        self._put(_made(name, wanted, profile, place))
        return []

    def move(self, device_id: str, place: str) -> list[Fault]:
        """It hangs elsewhere now."""

        def work(device: Device, faults: list[Fault]) -> Device:
            found = self._place(place, faults)
            return replace(device, place_id=found.id) if found else device

        return self._edit(device_id, work)

    def replace(
        self,
        device_id: str,
        *,
        at: Instant,
        address: str,
        dialect: str = "",
        serial: str = "",
        profile: str = "",
    ) -> list[Fault]:
        """Another device is in its place since `at`: what its label said is no longer true."""

        def work(device: Device, faults: list[Fault]) -> Device:
            model = self._profile(profile, faults) if profile else device.profile
            speaks = dialect or device.dialect
            self._check_address(speaks, address, device.id, faults)
            if model is None:
                return device
            return replace(
                device,
                profile=model,
                dialect=speaks,
                address=address,
                serial=serial,
                installed_at=at,
                expires_at=None,
                calibrated_at=None,
            )

        return self._edit(device_id, work)

    def date(
        self,
        device_id: str,
        *,
        installed_at: Instant | None,
        expires_at: Instant | None,
        calibrated_at: Instant | None,
    ) -> list[Fault]:
        """What its papers say; None: nothing is known."""

        def work(device: Device, _: list[Fault]) -> Device:
            return replace(
                device, installed_at=installed_at, expires_at=expires_at, calibrated_at=calibrated_at
            )

        return self._edit(device_id, work)

    def set_mode(self, device_id: str, mode: DeviceMode) -> list[Fault]:
        return self._edit(device_id, lambda device, _: replace(device, mode=mode))

    def retire(self, device_id: str, at: Instant) -> list[Fault]:
        """It is no more; its name stays with what it said."""
        device = self.devices.get(device_id)
        if device is None:
            return [_unknown("id", ("设备", "device"), device_id, self.devices)]
        if children := [one.id for one in self.devices.values() if one.via == device_id]:
            few = ", ".join(children[:5])
            zh = f"{len(children)} 台设备经由它：{few}；先给它们指定别的网关"
            en = f"{len(children)} devices are heard through it: {few}; give them another gateway first"
            return [Fault("id", "has_children", zh, en)]
        del self.devices[device_id], self._addresses[device.dialect, device.address]
        self.retired[device_id] = replace(device, retired_at=at, via=None)
        return []

    def _edit(self, device_id: str, work: Callable[[Device, list[Fault]], Device]) -> list[Fault]:
        device = self.devices.get(device_id)
        if device is None:
            return [_unknown("id", ("设备", "device"), device_id, self.devices)]
        faults: list[Fault] = []
        edited = work(device, faults)
        if not faults:
            del self._addresses[device.dialect, device.address]
            self._put(edited)
        return faults

    def _put(self, device: Device) -> None:
        self.devices[device.id] = device
        self._addresses[device.dialect, device.address] = device.id

    # What is checked --------------------------------------------------------------------------------------

    def free_id(self, kind: DeviceKind, place: Place) -> str:
        """`smoke-b1-u1-f12-1201`, with a number where that is taken."""
        below = place.id.removeprefix(f"{self._old.community_id}.")
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{kind.value}-{below}").replace("_", "-")[:58]
        number, name = 1, stem
        while name in self.devices or name in self.retired:
            number += 1
            name = f"{stem}-{number}"
        return name

    def _check_id(self, name: str, faults: list[Fault]) -> None:
        if not _ID.fullmatch(name):
            zh = f"编号 `{name}` 只能用英文字母、数字、- 和 _，以字母或数字开头"
            en = f"the id `{name}` may hold letters a-z, digits, - and _, and begins with a letter or digit"
            faults.append(Fault("id", "bad_id", zh, en))
        elif name in self.devices:
            faults.append(Fault("id", "taken", f"已有设备 `{name}`", f"there is a device `{name}` already"))
        elif name in self.retired:
            zh, en = f"`{name}` 属于已停用的设备", f"`{name}` is the name of a retired device"
            faults.append(Fault("id", "taken", zh, en))

    def _check_address(self, dialect: str, address: str, own: str | None, faults: list[Fault]) -> None:
        if dialect not in DIALECTS:
            faults.append(_unknown("dialect", ("协议", "dialect"), dialect, DIALECTS))
            return
        if not address.strip() or len(address) > _LONGEST_ADDRESS:
            zh = f"地址应有 1 到 {_LONGEST_ADDRESS} 个字符"
            en = f"an address has 1 to {_LONGEST_ADDRESS} characters"
            faults.append(Fault("address", "bad_address", zh, en))
        elif (said := fault(DIALECTS, dialect, address)) is not None:
            faults.append(Fault("address", "bad_address", *said))
        holder = self._addresses.get((dialect, address))
        if holder is not None and holder != own:
            zh, en = f"`{holder}` 已用这个地址", f"`{holder}` has this address"
            faults.append(Fault("address", "taken", zh, en))

    def _check_texts(self, wanted: Wanted, faults: list[Fault]) -> None:
        for field, text in (("zh", wanted.zh), ("en", wanted.en), ("serial", wanted.serial)):
            if len(text) > _LONGEST_TEXT or not text.isprintable():
                zh = f"最多 {_LONGEST_TEXT} 个字符，不能有控制字符"
                en = f"at most {_LONGEST_TEXT} characters, none of them invisible"
                faults.append(Fault(field, "bad_text", zh, en))

    def _profile(self, name: str, faults: list[Fault]) -> Profile | None:
        profile = self.profiles.get(name)
        if profile is None:
            faults.append(_unknown("profile", ("型号", "profile"), name, self.profiles))
        return profile

    def _place(self, said: str, faults: list[Fault]) -> Place | None:
        tree, root = self._old.tree, self._old.community_id
        for candidate in (said, f"{root}.{said}"):
            if candidate in tree.places:
                return tree.places[candidate]
        if self._names is None:
            self._names = _by_name(self._old)
        found = self._names.get(_plain(said))
        if found is not None:
            return tree.places[found]
        short = (name.removeprefix(f"{root}.") for name in tree.places)
        faults.append(_unknown("place", ("地点", "place"), said, short))
        return None


def _made(name: str, wanted: Wanted, profile: Profile, place: Place) -> Device:
    zh, en = wanted.zh or wanted.en, wanted.en or wanted.zh
    kind = f"kind.{profile.kind}"
    return Device(
        name,
        profile,
        place.id,
        wanted.dialect,
        wanted.address or name,
        zh or t(kind, "zh"),
        en or t(kind, "en"),
        wanted.mode,
        wanted.via or None,
        wanted.installed_at,
        wanted.expires_at,
        wanted.calibrated_at,
        wanted.serial,
    )


def _by_name(inventory: Inventory) -> dict[str, str | None]:
    """Whole names of places in both languages; None where two places share one."""
    names: dict[str, str | None] = {}
    for place_id in inventory.tree.places:
        for language in ("zh", "en"):
            name = _plain(inventory.tree.name(place_id, language))
            names[name] = None if names.get(name, place_id) != place_id else place_id
    return names


def _plain(name: str) -> str:
    return re.sub(r"[\s,，、]+", "", name).casefold()


def _unknown(field: str, what: tuple[str, str], word: str, known: Iterable[str]) -> Fault:
    zh, en = meant(word, known)
    return Fault(field, "unknown", f"没有{what[0]} `{word}`{zh}", f"there is no {what[1]} `{word}`{en}")


def suggested(dialect: str, quantities: Iterable[str]) -> str:
    """The model that an unknown device is most likely one of, by what it said; "" where nothing tells."""
    heard = frozenset(quantities)
    ranked = sorted(_shared(heard), key=lambda one: (-one[0], one[1]))
    if not ranked:
        return ""
    kind = ranked[0][2].kind.value.replace("_", "-")
    return f"{'native' if dialect == 'native' else 'daily'}-{kind}"


def _shared(heard: frozenset[str]) -> Iterator[tuple[int, int, Profile]]:
    """How much of it each native model measures; what raises an alarm tells most."""
    for number, profile in enumerate(BUILT_IN.values()):
        telling = heard & profile.quantities - ABOUT_ITSELF
        if profile.id.startswith("native-") and telling:
            alarms = sum(QUANTITIES[name].kind is QuantityKind.ALARM for name in telling)
            yield 10 * alarms + len(telling), number, profile
