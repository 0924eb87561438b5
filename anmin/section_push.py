"""The settings of the HTTP door for platforms that push: a secret for each, and what their fields mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, SecretStr

from anmin.dialect_words import push_fields
from anmin.finding import Wrong
from anmin.section import Section, Text, signing_key_trouble

SHORTEST_TOKEN = 16


def token_trouble(text: str) -> Wrong | None:
    """The token of OneNET, or two with a space between while it is changed. Never repeated."""
    if text.split() and all(len(one) >= SHORTEST_TOKEN and one.isascii() for one in text.split()):
        return None
    zh = f"令牌至少 {SHORTEST_TOKEN} 个英文字母或数字，与平台上填写的相同"
    en = f"a token has {SHORTEST_TOKEN} letters and digits or more, the same as at the platform"
    return Wrong("bad-secret", zh, en)


def keys_trouble(text: str) -> Wrong | None:
    """A `whsec_` key, or several with spaces between while they are changed. Never repeated."""
    if not text.split():
        return signing_key_trouble("")
    return next((bad for one in text.split() if (bad := signing_key_trouble(one))), None)


def _token(secret: SecretStr) -> SecretStr:
    if bad := token_trouble(secret.get_secret_value()):
        raise bad
    return secret


def _keys(secret: SecretStr) -> SecretStr:
    if bad := keys_trouble(secret.get_secret_value()):
        raise bad
    return secret


def _lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    try:
        push_fields(lines)
    except ValueError as error:
        raise Wrong("bad-dialect", f"读不懂：{error}", str(error)) from None
    return lines


_Key = Annotated[SecretStr, AfterValidator(_keys)]


class Push(Section):
    """Platforms that push to /push/<platform> of the pages; one without a secret is answered 404."""

    secrets: ClassVar[tuple[str, ...]] = ("onenet", "ctwing", "aliyun", "tuya", "cn_gateways")

    onenet: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None, description="Token that is set at OneNET; better in a file."
    )
    onenet_file: Path | None = Field(default=None, description="File that holds OneNET's token.")
    ctwing: _Key | None = Field(
        default=None, description="whsec_ key of who passes pushes of CTWing and Huawei on; better in a file."
    )
    ctwing_file: Path | None = Field(default=None, description="File that holds the key for CTWing.")
    aliyun: _Key | None = Field(
        default=None, description="whsec_ key of who passes messages of Alibaba's platform on."
    )
    aliyun_file: Path | None = Field(default=None, description="File that holds the key for Alibaba.")
    tuya: _Key | None = Field(default=None, description="whsec_ key of who passes messages of Tuya on.")
    tuya_file: Path | None = Field(default=None, description="File that holds the key for Tuya.")
    cn_gateways: _Key | None = Field(
        default=None, description="whsec_ key for gateways and smaller clouds (Quectel, Senthink and so on)."
    )
    cn_gateways_file: Path | None = Field(default=None, description="File that holds the key for those.")
    fields: Annotated[tuple[Text, ...], AfterValidator(_lines)] = Field(
        default=(),
        description="What fields mean: onenet 3300_0_5700=smoke_alarm, ctwing Level=water_level_mm*10.",
    )

    @property
    def platforms(self) -> tuple[str, ...]:
        """Those that may push; their dialects are used without being named."""
        return tuple(
            name for name in self.secrets if getattr(self, name) is not None or getattr(self, f"{name}_file")
        )
