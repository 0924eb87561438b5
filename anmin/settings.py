"""Reads the settings: `anmin.toml`, `ANMIN_SECTION__KEY`, flags; every problem at once, with its place."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import SecretStr, ValidationError

from anmin import toml
from anmin.complaint import complaints
from anmin.document import Where
from anmin.finding import Finding, Severity, Wrong, meant, render
from anmin.section import Section, ledger_url_trouble, signing_key_trouble
from anmin.section_push import Push, keys_trouble, token_trouble
from anmin.sections import SECTIONS, Settings, Site

__all__ = ["Loaded", "Origin", "Row", "Settings", "SettingsInvalid", "describe", "load", "read", "show"]

Flags = Mapping[str, Any]
"""`{"web.port": 0}`; None means not given."""
_VARIABLE = re.compile(r"ANMIN_([A-Z0-9]+)__([A-Z0-9_]+)")
_FORMS = {
    ("webhook", "secret"): signing_key_trouble,
    ("ledger", "url"): ledger_url_trouble,
    ("push", "onenet"): token_trouble,
    **{("push", name): keys_trouble for name in Push.secrets if name != "onenet"},
}
_PATHS = {("site", "data_dir"), ("site", "community")}  # defaults that lie beside the file


class Origin(NamedTuple):
    """Where a value came from: `default`, a file with line and column, `env:NAME` or `flag:NAME`."""

    name: str
    line: int = 0
    column: int = 0

    @property
    def layer(self) -> str:
        head = self.name.partition(":")[0]
        return head if head in ("env", "flag") else "file"

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.line else self.name


DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True)
class Loaded:
    """`settings` is None when there is an error among `findings`; `site` is what of it could be read."""

    settings: Settings | None
    findings: tuple[Finding, ...]
    origins: Mapping[tuple[str, str], Origin]
    site: Site

    def origin(self, section: str, key: str) -> Origin:
        return self.origins.get((section, key), DEFAULT)


class SettingsInvalid(Exception):
    """The operator's configuration cannot be used; `problems` are all that is wrong with it."""

    def __init__(self, problems: tuple[Finding, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(render(problem, "en") for problem in self.problems)


class Row(NamedTuple):
    """One setting, for the documentation: `web.port`, `int 0..65535`, `8080`, what it is for."""

    name: str
    type: str
    default: str
    description: str


def load(path: Path | None, environ: Mapping[str, str], flags: Flags | None = None) -> Settings:
    """The settings, or SettingsInvalid with every problem. Without a path: environment and flags alone."""
    loaded = read(path, environ, flags)
    if loaded.settings is None:
        raise SettingsInvalid(tuple(finding for finding in loaded.findings if finding.is_error))
    return loaded.settings


def read(path: Path | None, environ: Mapping[str, str], flags: Flags | None = None) -> Loaded:
    """The same with warnings and origins. Relative paths in the file start from the file's folder."""
    layers = _Layers(path.parent if path else Path())
    if path is not None:
        layers.file(path)
    layers.environment(environ)
    layers.flags(flags or {})
    return layers.validated()


@dataclass
class _Layers:
    """Values laid over each other, each with its origin."""

    base: Path
    values: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in SECTIONS})
    origins: dict[tuple[str, str], Origin] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def put(self, section: str, key: str, value: Any, origin: Origin) -> None:
        """Lay a value over what is there; a secret and the file that holds it replace each other."""
        known = SECTIONS[section].model_fields
        other = key.removesuffix("_file") if key.endswith("_file") else f"{key}_file"
        below = self.origins.get((section, other), origin)
        if other in known and below.layer != origin.layer:
            del self.values[section][other], self.origins[section, other]
        self.values[section][key] = value
        self.origins[section, key] = origin

    def error(self, origin: Origin, code: str, zh: str, en: str, severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(origin.name, origin.line, origin.column, severity, code, zh, en))

    def file(self, path: Path) -> None:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            self.error(Origin(str(path)), "no-such-file", "没有这个文件", "there is no such file")
            return
        except (OSError, UnicodeDecodeError) as error:
            self.error(Origin(str(path)), "cannot-read", f"读不了：{error}", f"cannot be read: {error}")
            return
        source = toml.read(text, str(path))
        if source.finding:
            self.findings.append(source.finding)
        for section, table in source.data.items():
            self.table(source, section, table)

    def table(self, source: toml.Toml, section: str, table: Any) -> None:
        origin = Origin(source.name, *source.where((section,)))
        if section not in SECTIONS:
            zh, en = meant(section, SECTIONS)
            self.error(
                origin, "unknown-section", f"没有 [{section}] 这一节{zh}", f"there is no [{section}]{en}"
            )
        elif not isinstance(table, dict):
            zh, en = f"`{section}` 应是一节：[{section}]", f"`{section}` must be a table: [{section}]"
            self.error(origin, "not-a-table", zh, en)
        else:
            for key, value in table.items():
                at = Origin(source.name, *source.where((section, key)))
                self.put(section, key, _beside(SECTIONS[section], key, value, self.base), at)

    def environment(self, environ: Mapping[str, str]) -> None:
        for name in sorted(environ):
            if match := _VARIABLE.fullmatch(name):
                self.text(match[1].lower(), match[2].lower(), environ[name], Origin(f"env:{name}"))

    def flags(self, flags: Flags) -> None:
        for name, value in flags.items():
            section, _, key = name.partition(".")
            if value is not None:
                self.text(section, key, value, Origin(f"flag:{name}"))

    def text(self, section: str, key: str, value: Any, origin: Origin) -> None:
        if section not in SECTIONS or key not in SECTIONS[section].model_fields:
            names = [f"{s}.{k}" for s, model in SECTIONS.items() for k in model.model_fields]
            zh, en = meant(f"{section}.{key}", names)
            said = f"{section}.{key}"
            self.error(
                origin, "unknown-key", f"没有 `{said}` 这个设置{zh}", f"there is no setting `{said}`{en}"
            )
        else:
            self.put(section, key, _listed(SECTIONS[section], key, value), origin)

    def validated(self) -> Loaded:
        for section, key in _PATHS:
            default = SECTIONS[section].model_fields[key].default
            self.values[section].setdefault(key, self.base / default)
        found = {name: self.section(name, model) for name, model in SECTIONS.items()}
        findings = tuple(sorted(set(self.findings)))
        broken = any(finding.is_error for finding in findings)
        site = found["site"]
        assert isinstance(site, Site)
        return Loaded(None if broken else Settings.model_validate(found), findings, self.origins, site)

    def section(self, name: str, model: type[Section]) -> Section:
        """The section; keys that are wrong are reported and left out, so that the rest is still checked."""
        values = self.values[name]
        bad: set[str] = set()
        try:
            section = model.model_validate(values)
        except ValidationError as error:
            said = tuple(complaints(error, model))
            for each in said:
                self.error(self.origin(name, each.where), each.code, each.zh, each.en)
            bad = {str(each.where[0]) for each in said}
            section = model.model_validate({key: value for key, value in values.items() if key not in bad})
        for trouble in section.troubles():
            if trouble.unless in bad:
                continue
            severity = Severity.WARNING if trouble.warning else Severity.ERROR
            origin = self.origin(name, trouble.where)
            self.error(origin, trouble.code, trouble.zh, trouble.en, severity)
        for secret in section.secrets:
            self.secret(name, section, secret)
        return section

    def origin(self, section: str, where: Where) -> Origin:
        return self.origins.get((section, str(where[0]) if where else ""), DEFAULT)

    def secret(self, name: str, section: Section, secret: str) -> None:
        """A secret is given once, in a file that nobody else may read, and can be read now."""
        path: Path | None = getattr(section, f"{secret}_file")
        origin = self.origin(name, (f"{secret}_file",))
        if getattr(section, secret) is not None:
            self.open_secret(name, secret)
            if path is not None:
                zh = f"`{secret}` 和 `{secret}_file` 只能有一个"
                self.error(origin, "two-secrets", zh, f"give `{secret}` or `{secret}_file`, not both")
        if path is None:
            return
        try:
            mode = path.stat().st_mode
            text = section.reveal(secret) if getattr(section, secret) is None else "given twice"
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not UTF-8"
            self.error(origin, "secret-file", f"读不了 {path}：{why}", f"cannot read {path}: {why}")
            return
        self.exposed(origin, path, mode)
        if bad := _secret_text(name, secret, text):
            self.error(origin, bad.code, bad.zh, bad.en)

    def exposed(self, origin: Origin, path: Path, mode: int) -> None:
        if mode & (stat.S_IROTH | stat.S_IWOTH):
            zh, en = (
                f"任何人都能读 {path}：运行 chmod 600 {path}",
                f"anybody can read {path}: chmod 600 {path}",
            )
            self.error(origin, "secret-exposed", zh, en)
        elif mode & (stat.S_IRGRP | stat.S_IWGRP):
            zh, en = f"同组用户能读 {path}：最好 chmod 600", f"the group can read {path}: better chmod 600"
            self.error(origin, "secret-exposed", zh, en, Severity.WARNING)

    def open_secret(self, name: str, secret: str) -> None:
        """A secret within the settings file itself is as open as that file."""
        origin = self.origin(name, (secret,))
        if origin.line and Path(origin.name).stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
            zh = f"别人能读这个文件里的 `{secret}`：改用 `{secret}_file`，或 chmod 600"
            en = f"others can read `{secret}` in this file: use `{secret}_file`, or chmod 600"
            self.error(origin, "secret-exposed", zh, en, Severity.WARNING)


def _secret_text(section: str, secret: str, text: str | None) -> Wrong | None:
    if not text:
        return Wrong("secret-empty", "文件是空的", "the file is empty")
    form = _FORMS.get((section, secret))
    return form(text) if form and text != "given twice" else None


def _holds(model: type[Section], key: str, kind: type) -> bool:
    field_ = model.model_fields.get(key)
    if field_ is None:
        return False
    annotation = field_.annotation
    return annotation is kind or get_origin(annotation) is kind or kind in get_args(annotation)


def _beside(model: type[Section], key: str, value: Any, base: Path) -> Any:
    """A relative path in the file starts from the file's folder."""
    if not _holds(model, key, Path):
        return value
    if isinstance(value, list):
        return [base / part if isinstance(part, str) else part for part in value]
    return base / value if isinstance(value, str) else value


def _listed(model: type[Section], key: str, value: Any) -> Any:
    """A list in one text: `a,b`, or JSON when it begins with a bracket."""
    if not isinstance(value, str) or not _holds(model, key, tuple):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return [part.strip() for part in value.split(",") if part.strip()]


def describe() -> Iterator[Row]:
    """Every setting, in order."""
    for section, model in SECTIONS.items():
        schema = model.model_json_schema()["properties"]
        for key, known in model.model_fields.items():
            default = "" if known.default is None else _plain(known.default)
            yield Row(f"{section}.{key}", _type(schema[key]), default, known.description or "")


def show(loaded: Loaded) -> Iterator[tuple[str, str, Origin]]:
    """Every setting as it is, with where it came from; secrets are masked."""
    if loaded.settings is None:
        return
    for section in SECTIONS:
        values: Section = getattr(loaded.settings, section)
        for key in type(values).model_fields:
            value = getattr(values, key)
            text = "********" if isinstance(value, SecretStr) else "" if value is None else _plain(value)
            yield f"{section}.{key}", text, loaded.origin(section, key)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_plain(part) for part in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _type(schema: Mapping[str, Any]) -> str:
    """`integer 0..65535`, `mqtt | json`, `list of path`: the type in words, from its JSON schema."""
    inner = next((part for part in schema.get("anyOf", ()) if part.get("type") != "null"), schema)
    if "enum" in inner:
        return " | ".join(inner["enum"])
    if inner.get("type") == "array":
        return f"list of {_type(inner['items'])}"
    form = inner.get("format", "")
    word = {"path": "path", "password": "secret"}.get(form, str(inner.get("type", "any")))
    low, high = inner.get("minimum"), inner.get("maximum")
    return word if low is None and high is None else f"{word} {low if low is not None else ''}..{high or ''}"
