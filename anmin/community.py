"""The community file to what the rest of the product knows, with every error at once and its place.

The file is imported with a shown difference; from then on the ledger's canonical text is the truth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from anmin.addresses import DIALECTS, fault
from anmin.canon import NotCanonical, canonical, from_canonical, sealed
from anmin.complaint import complaints
from anmin.difference import Change, difference
from anmin.document import Document, Where
from anmin.export import to_document, to_yaml
from anmin.finding import Finding, Severity, meant
from anmin.form import (
    BuildingForm,
    CommunityForm,
    DeviceForm,
    Named,
    PersonForm,
    ProfileForm,
    ResidentForm,
    RetiredForm,
    StationForm,
    ThresholdForm,
    ZoneForm,
)
from anmin.i18n import t
from anmin.placing import building, names, zone
from anmin.profiles import BUILT_IN
from devices.device import Device, DeviceKind, Profile, misses
from devices.inventory import Inventory, Scope, Tuning
from devices.level import Level
from devices.place import Place, PlaceKind
from devices.quantity import QUANTITIES, QuantityKind
from devices.resident import Contact, Resident
from devices.station import Responder, Role, Station

__all__ = [
    "CHANNELS",
    "DIALECTS",
    "Change",
    "NotCanonical",
    "canonical",
    "difference",
    "from_canonical",
    "to_document",
    "to_inventory",
    "to_yaml",
]

CHANNELS = frozenset({"console", "crew", "file", "webhook"})
"""Channels that reach a person (`crew` is the crew page); sirens, loudspeakers and sounders are devices."""

HINTS = 20  # looking for what was meant is slow in a large community: only for the first few
CREW = frozenset({Role.LEADER, Role.MEMBER})

M = TypeVar("M", bound=BaseModel)


def to_inventory(
    document: Document,
    *,
    channels: frozenset[str] = CHANNELS,
    dialects: dict[str, str] | None = None,
) -> tuple[Inventory | None, tuple[Finding, ...]]:
    """The inventory, or None where an error is among the findings; warnings do not stop it."""
    if document.data is None and document.findings:
        return None, document.findings
    survey = _Survey(document, channels, DIALECTS if dialects is None else dialects)
    inventory = survey.inventory()
    findings = tuple(sorted({*document.findings, *survey.findings}))
    return (None if any(finding.is_error for finding in findings) else inventory), findings


class _Survey:
    """One pass over the file: what it says, and everything that is wrong with it."""

    def __init__(self, document: Document, channels: frozenset[str], dialects: dict[str, str]) -> None:
        self.document = document
        self.channels = channels
        self.dialects = dialects
        self.data: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self.seen: dict[tuple[str, ...], Where] = {}
        self.broken: set[str] = set()
        self.root = ""
        self.places: dict[str, Place] = {}
        self.profiles: dict[str, Profile] = dict(BUILT_IN)
        self.devices: list[Device] = []
        self.retired: list[Device] = []
        self.tuning: list[Tuning] = []
        self.residents: list[Resident] = []
        self.responders: list[Responder] = []
        self.stations: list[Station] = []

    # what is wrong

    def report(self, where: Where, code: str, zh: str, en: str, *, key: bool = False) -> None:
        self.findings.append(self.document.finding(where, code, zh, en, key=key))

    def warn(self, where: Where, code: str, zh: str, en: str) -> None:
        self.findings.append(self.document.finding(where, code, zh, en, severity=Severity.WARNING))

    def unknown(self, where: Where, what: tuple[str, str], word: str, known: Iterator[str]) -> None:
        zh, en = meant(word, known) if len(self.findings) < HINTS else ("。", ".")
        code = f"unknown-{what[1].split()[0]}"
        self.report(where, code, f"没有{what[0]} `{word}`{zh}", f"there is no {what[1]} `{word}`{en}")

    def once(self, what: tuple[str, str], name: str, where: Where) -> bool:
        """Whether this name is new; else it is reported with the line where it stood first."""
        first = self.seen.setdefault((what[1], name), where)
        if first == where:
            return True
        line = self.document.where(first)[0]
        zh, en = (
            f"{what[0]} `{name}` 重复，前一处在第 {line} 行",
            f"{what[1]} `{name}` is also on line {line}",
        )
        self.report(where, "duplicate", zh, en)
        return False

    # the shapes

    def form(self, where: Where, given: Any, model: type[M]) -> M | None:
        try:
            return model.model_validate(given)
        except ValidationError as error:
            for said in complaints(error, model):
                self.report((*where, *said.where), said.code, said.zh, said.en, key=said.key)
            self.broken.add(str(where[0]) if where else "community")
            return None

    def each(self, section: str, model: type[M]) -> Iterator[tuple[Where, M]]:
        given = self.data.get(section) or []
        if not isinstance(given, list):
            zh, en = (
                f"`{section}` 应是列表：每项以 `- ` 开头",
                f"`{section}` must be a list: begin each with `- `",
            )
            self.report((section,), "list-type", zh, en)
            self.broken.add(section)
            return
        for number, entry in enumerate(given):
            if (form := self.form((section, number), entry, model)) is not None:
                yield (section, number), form

    def head(self) -> None:
        """County, street and community, and no key that is unknown."""
        given = self.document.data
        if not isinstance(given, dict):
            zh, en = "社区文件应由 `键: 值` 组成", "a community file is made of `key: value` pairs"
            self.report((), "not-a-community", zh, en)
            return
        self.data = given
        for key in given.keys() - _SECTIONS:
            zh, en = meant(key, _SECTIONS)
            self.report(
                (key,), "unknown-key", f"没有 `{key}` 这一节{zh}", f"there is no `{key}`{en}", key=True
            )
        head = {key: given[key] for key in ("format", "county", "street", "community") if key in given}
        if (form := self.form((), head, CommunityForm)) is None:
            return
        self.root = form.community.id
        parent: str | None = None
        for kind in (PlaceKind.COUNTY, PlaceKind.STREET, PlaceKind.COMMUNITY):
            named: Named = getattr(form, kind.value)
            self.put((kind.value,), Place(named.id, kind, parent, *names(named, kind)))
            parent = named.id

    # what it says

    def inventory(self) -> Inventory | None:
        self.head()
        steps: tuple[Callable[[], None], ...] = (
            self.read_buildings,
            self.read_zones,
            self.read_profiles,
            self.read_devices,
            self.read_stations,
            self.check_gateways,
            self.read_retired,
            self.read_thresholds,
            self.read_staff,
            self.read_residents,
        )
        for step in steps:
            step()
        if any(finding.is_error for finding in self.findings):
            return None
        self.look_for_gaps()
        return sealed(
            Inventory.of(
                self.root,
                "",
                self.places.values(),
                self.devices,
                self.residents,
                self.responders,
                self.stations,
                self.tuning,
                self.retired,
            )
        )

    def put(self, where: Where, place: Place) -> None:
        if self.once(("地点", "place"), place.id, where):
            self.places[place.id] = place

    def read_buildings(self) -> None:
        for where, form in self.each("buildings", BuildingForm):
            for at, place in building(form, where, self.root, self.report):
                self.put(at, place)

    def read_zones(self) -> None:
        for where, form in self.each("zones", ZoneForm):
            parent = self.place(form.within or self.root, (*where, "within"))
            if parent is not None:
                self.put(*zone(form, where, parent))

    def place(self, name: str, where: Where) -> str | None:
        """The id of a place that is written whole or from the community down."""
        for candidate in (name, f"{self.root}.{name}"):
            if candidate in self.places:
                return candidate
        if not self.broken & {"community", "buildings", "zones"}:  # else the cause has been told
            short = (known.removeprefix(f"{self.root}.") for known in self.places)
            self.unknown(where, ("地点", "place"), name, short)
        return None

    def read_profiles(self) -> None:
        for where, form in self.each("profiles", ProfileForm):
            for number, name in enumerate(form.quantities):
                if name not in QUANTITIES:
                    self.unknown(
                        (*where, "quantities", number), ("测量量", "quantity"), name, iter(QUANTITIES)
                    )
            self.check_alarm(form, where)
            if form.id in BUILT_IN:
                zh, en = f"`{form.id}` 代替了自带的同名型号", f"`{form.id}` replaces the built-in profile"
                self.warn((*where, "id"), "profile-replaced", zh, en)
            if self.once(("型号", "profile"), form.id, (*where, "id")):
                self.profiles[form.id] = Profile(
                    form.id,
                    form.kind,
                    frozenset(form.quantities),
                    form.reports_every,
                    form.missed_allowed or misses(form.reports_every),
                    form.alarm_quantity,
                    form.test_every,
                    form.calibrate_every,
                    form.lasts,
                )

    def check_alarm(self, form: ProfileForm, where: Where) -> None:
        alarms = [known.name for known in QUANTITIES.values() if known.kind is QuantityKind.ALARM]
        if form.alarm_quantity is not None and form.alarm_quantity not in alarms:
            self.unknown(
                (*where, "alarm_quantity"), ("报警量", "alarm quantity"), form.alarm_quantity, iter(alarms)
            )

    def read_devices(self) -> None:
        for where, form in self.each("devices", DeviceForm):
            if form.place is None:
                self.report(where, "missing", "缺少 `place`", "`place` is missing")
            else:
                self.device(form, form.place, where)

    def read_retired(self) -> None:
        """What is no more: its name is for ever, its address is free."""
        for where, form in self.each("retired", RetiredForm):
            if (device := self.made(form, form.place, where)) is not None:
                self.retired.append(replace(device, retired_at=form.retired))

    def check_gateways(self) -> None:
        known = {device.id: device for device in self.devices}
        for device in self.devices:
            if device.via is None or "devices" in self.broken:
                continue
            where = self.seen["device", device.id][:-1]
            if device.via not in known:
                self.unknown((*where, "via"), ("网关", "gateway"), device.via, iter(known))
            elif _circles(device, known):
                zh, en = f"`{device.id}` 绕回到自己", f"`{device.id}` is heard through itself in the end"
                self.report((*where, "via"), "gateway-circle", zh, en)

    def read_thresholds(self) -> None:
        """The rules that they name are another file's matter."""
        known: dict[Scope, frozenset[str]] = {
            Scope.PROFILE: frozenset(self.profiles),
            Scope.DEVICE: frozenset(device.id for device in self.devices),
        }
        for where, form in self.each("thresholds", ThresholdForm):
            given = [(scope, name) for scope in Scope if (name := getattr(form, scope.value)) is not None]
            if len(given) != 1:
                zh, en = "写 profile、place、device 之一", "needs one of profile, place, device"
                self.report(where, "bad-scope", zh, en)
                continue
            scope, name = given[0]
            at = (*where, scope.value)
            of: str | None = name
            if scope is Scope.PLACE:
                of = self.place(name, at)
            elif name not in known[scope] and f"{scope.value}s" not in self.broken:
                what = ("型号", "profile") if scope is Scope.PROFILE else ("设备", "device")
                self.unknown(at, what, name, iter(known[scope]))
            level = Level[form.level.upper()]
            if of is not None and self.once(("限值", "threshold"), f"{of} {form.rule} {form.level}", at):
                self.tuning.append(Tuning(scope, of, form.rule, level, form.at, form.clear))

    def device(self, form: DeviceForm, place: str, where: Where) -> None:
        device = self.made(form, place, where)
        address = form.address or form.id
        self.check_address(form.dialect, address, where, given=form.address is not None)
        if device is not None:
            self.devices.append(device)

    def made(self, form: DeviceForm, place: str, where: Where) -> Device | None:
        place_id = self.place(place, (*where, "place"))
        profile = self.profiles.get(form.profile)
        if profile is None and "profiles" not in self.broken:
            self.unknown((*where, "profile"), ("型号", "profile"), form.profile, iter(self.profiles))
        new = self.once(("设备", "device"), form.id, (*where, "id"))
        if profile is None or place_id is None or not new:
            return None
        zh, en = form.zh or form.en, form.en or form.zh
        kind = f"kind.{profile.kind}"
        named = (zh or t(kind, "zh"), en or t(kind, "en"))
        return Device(
            form.id,
            profile,
            place_id,
            form.dialect,
            form.address or form.id,
            *named,
            form.mode,
            form.via,
            form.installed,
            form.expires,
            form.calibrated,
            form.serial,
        )

    def check_address(self, dialect: str, address: str, where: Where, *, given: bool) -> None:
        at = (*where, "address" if given else "id")
        if dialect not in self.dialects:
            self.unknown((*where, "dialect"), ("协议", "dialect"), dialect, iter(self.dialects))
            return
        if (said := fault(self.dialects, dialect, address)) is not None:
            self.report(at, "bad-address", *said)
        self.once(("地址", f"{dialect} address"), address, at)

    def read_stations(self) -> None:
        for where, form in self.each("stations", StationForm):
            place = self.place(form.place, (*where, "place"))
            serves = [
                self.place(name, (*where, "serves", number))
                for number, name in enumerate(form.serves or (self.root,))
            ]
            if not form.accept_within < form.arrive_within < form.joint_within:
                zh, en = "应是 接警 < 到场 < 联动", "the clocks must grow: accept, arrive, joint"
                self.report((*where, "joint_within"), "clock-order", zh, en)
            for number, person in enumerate(form.crew):
                self.responder(person, (*where, "crew", number), form.id)
            for number, device in enumerate(form.devices):
                self.device(device, device.place or form.place, (*where, "devices", number))
            if self.once(("微型消防站", "station"), form.id, (*where, "id")) and place is not None:
                self.station(form, place, tuple(name for name in serves if name))
                if not form.crew:
                    zh, en = "这个站没有队员：没有人可派", "this station has no crew: nobody can be sent"
                    self.warn(where, "no-crew", zh, en)

    def station(self, form: StationForm, place: str, serves: tuple[str, ...]) -> None:
        clocks = (form.accept_within, form.arrive_within, form.joint_within)
        self.stations.append(Station(form.id, place, *names(form), serves, *clocks))

    def read_staff(self) -> None:
        for where, form in self.each("staff", PersonForm):
            self.responder(form, where, None)

    def responder(self, form: PersonForm, where: Where, station: str | None) -> None:
        if (form.role in CREW) is (station is None):
            zh = "leader 和 member 写在站的 crew 里；duty、supervisor、manager 写在 staff 里"
            en = "leader and member belong in a station's crew; duty, supervisor and manager in staff"
            self.report((*where, "role"), "bad-role", zh, en)
        self.check_contacts(form.contacts, where)
        if not form.contacts:
            zh, en = f"`{form.id}` 没有联系方式：叫不到", f"`{form.id}` has no contact: cannot be called"
            self.warn(where, "no-contact", zh, en)
        if self.once(("人员", "person"), form.id, (*where, "id")):
            self.responders.append(
                Responder(form.id, form.name, form.role, form.contacts, form.languages, station, form.hours)
            )

    def check_contacts(self, contacts: tuple[Contact, ...], where: Where) -> None:
        for number, contact in enumerate(contacts):
            if contact.channel not in self.channels:
                at = (*where, "contacts", number)
                self.unknown(at, ("渠道", "channel"), contact.channel, iter(self.channels))

    def read_residents(self) -> None:
        living: dict[str, int] = defaultdict(int)
        for where, form in self.each("residents", ResidentForm):
            self.check_contacts(form.contacts, where)
            home = self.place(form.household, (*where, "household"))
            if home is None:
                continue
            if self.places[home].kind is not PlaceKind.HOUSEHOLD:
                zh, en = f"`{form.household}` 不是一户", f"`{form.household}` is not a household"
                self.report((*where, "household"), "not-a-household", zh, en)
            living[home] += 1
            name = form.id or f"{home}.p{living[home]}"
            if self.once(("人员", "person"), name, (*where, "id")):
                needs = frozenset(form.needs)
                person = Resident(name, home, form.name, form.languages, form.contacts, needs)
                self.residents.append(person)

    # what is missing

    def look_for_gaps(self) -> None:
        """What is allowed and leaves somebody without a warning."""
        if not any(person.role is Role.DUTY for person in self.responders):
            zh, en = "没有值班人员（staff 里 role: duty）", "there are no duty staff (role: duty in staff)"
            self.warn(("staff",), "no-duty", f"{zh}：警情没有人看", f"{en}: nobody looks at incidents")
        self.look_for_bare_homes()
        self.look_for_sirens()
        used = {device.profile.id for device in (*self.devices, *self.retired)}
        for where, form in self.each("profiles", ProfileForm):
            if form.id not in used:
                zh, en = f"没有设备用 `{form.id}`", f"no device uses `{form.id}`"
                self.warn((*where, "id"), "unused-profile", zh, en)

    def look_for_bare_homes(self) -> None:
        equipped = {device.place_id for device in self.devices}
        reached = {person.household_id for person in self.residents if person.contacts}
        bare: dict[Where, list[Place]] = defaultdict(list)
        for place in self.places.values():
            if place.kind is PlaceKind.HOUSEHOLD and place.id not in equipped and place.id not in reached:
                bare[self.seen["place", place.id][:4]].append(place)
        for where, homes in bare.items():
            few = " ".join(home.zh for home in homes[:8]) + (" …" if len(homes) > 8 else "")
            zh = f"{len(homes)} 户既没有设备也没有联系方式：{few}"
            some = "1 household has" if len(homes) == 1 else f"{len(homes)} households have"
            self.warn(where, "bare-household", zh, f"{some} neither a device nor a contact: {few}")

    def look_for_sirens(self) -> None:
        loud = (DeviceKind.SIREN, DeviceKind.LOUDSPEAKER)
        heard = {device.place_id for device in self.devices if device.kind in loud}
        for place in self.places.values():
            inside = f"{place.id}."
            if place.kind is PlaceKind.BUILDING and not any(
                at == place.id or at.startswith(inside) or place.id.startswith(f"{at}.") for at in heard
            ):
                zh, en = f"{place.zh}没有警报器", f"{place.en} has no siren"
                where = self.seen["place", place.id]
                self.warn(
                    where, "no-siren", f"{zh}：听不到撤离警报", f"{en}: nobody there hears an evacuation"
                )


def _circles(device: Device, known: dict[str, Device]) -> bool:
    at: Device | None = device
    for _ in known:
        at = known.get(at.via) if at is not None and at.via is not None else None
        if at is device:
            return True
    return False


_SECTIONS = frozenset(CommunityForm.model_fields)
