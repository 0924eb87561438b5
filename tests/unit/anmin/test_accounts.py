"""Accounts: what opens a door, what does not, and what closes it."""

from __future__ import annotations

import pytest

from anmin.accounts import (
    IDLE_FOR,
    LINK_FOR,
    SEEN_EVERY_FOR,
    SESSION_FOR,
    Accounts,
    NameTaken,
    Role,
    WeakPassword,
    check_strength,
    token_hash,
)
from anmin.backends import schema
from tests.support.web import PASSWORD, MemoryLedger, quick_hasher
from tests.support.web_view import NOW


def fresh() -> tuple[Accounts, MemoryLedger]:
    ledger = MemoryLedger()
    return Accounts(ledger, quick_hasher()), ledger


async def test_a_new_account_cannot_sign_in_before_it_has_a_password() -> None:
    accounts, _ = fresh()
    await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    assert await accounts.check("王芳", "") is None
    assert await accounts.check("王芳", PASSWORD) is None


async def test_the_right_password_and_only_it_signs_in() -> None:
    accounts, _ = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    await accounts.set_password(account, PASSWORD)
    found = await accounts.check("王芳", PASSWORD)
    assert found is not None
    assert found.id == account.id
    assert await accounts.check("王芳", PASSWORD + "!") is None
    assert await accounts.check("nobody", PASSWORD) is None


async def test_a_password_is_stored_as_argon2id_and_a_token_as_its_hash() -> None:
    accounts, ledger = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    await accounts.set_password(account, PASSWORD)
    token = await accounts.open_session(account, NOW)
    link = await accounts.link(account.id, NOW)
    dump = str(
        await ledger.read(
            lambda db: [
                [tuple(row) for row in db.execute(table.select())]
                for table in (schema.account, schema.session, schema.sign_in_link)
            ]
        )
    )
    assert "$argon2id$" in dump
    assert token_hash(token) in dump
    for secret in (PASSWORD, token, link):
        assert secret not in dump


async def test_two_accounts_cannot_share_a_name() -> None:
    accounts, _ = fresh()
    await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    with pytest.raises(NameTaken, match="王芳"):
        await accounts.create("王芳", Role.CREW, "zh", NOW)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "short"),
        ("x" * 257, "long"),
        ("aaaaaaaaaaaa", "guessed"),
        ("Password", "guessed"),
        ("wangfang1", "name"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, code: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_strength("wangfang", password)
    assert refused.value.code == code


def test_a_long_plain_sentence_is_a_good_password() -> None:
    check_strength("wangfang", "四个字的词语加起来就很长")


async def test_the_first_link_creates_the_operator_and_is_no_more_once_a_password_is_set() -> None:
    accounts, _ = fresh()
    token = await accounts.first_link("operator", "zh", NOW)
    again = await accounts.first_link("operator", "zh", NOW)
    assert token is not None
    assert again is not None
    account = await accounts.linked(token, NOW)
    assert account is not None
    assert account.role is Role.OPERATOR
    await accounts.set_password(account, PASSWORD)
    assert await accounts.first_link("operator", "zh", NOW) is None
    assert len(await accounts.list()) == 1


async def test_a_link_works_once_and_only_in_time() -> None:
    accounts, _ = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    token, late = await accounts.link(account.id, NOW), await accounts.link(account.id, NOW)
    assert await accounts.redeem("wrong", NOW) is None
    assert await accounts.linked(token, NOW) is not None
    assert await accounts.redeem(token, NOW) is not None
    assert await accounts.redeem(token, NOW) is None
    assert await accounts.linked(token, NOW) is None
    assert await accounts.redeem(late, NOW + LINK_FOR) is None


async def test_a_session_survives_a_restart_and_ends_after_its_time() -> None:
    accounts, ledger = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    token = await accounts.open_session(account, NOW)
    restarted = Accounts(ledger, quick_hasher())
    found = await restarted.session(token, NOW + SESSION_FOR - 1)
    assert found is not None
    assert found.account.name == "王芳"
    assert await restarted.session(token, NOW + SESSION_FOR) is None
    assert await restarted.session("invented", NOW) is None


async def test_touching_starts_the_idle_clock_again_also_in_the_ledger() -> None:
    accounts, ledger = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    token = await accounts.open_session(account, NOW)
    later = NOW + SEEN_EVERY_FOR
    await accounts.session(token, later)
    await accounts.touch(token, later)
    found = await Accounts(ledger, quick_hasher()).session(token, later)
    assert found is not None
    assert found.seen_at == later
    assert not found.is_idle(later + IDLE_FOR)
    assert found.is_idle(later + IDLE_FOR + 1)


async def test_disabling_an_account_ends_its_sessions_with_that_call() -> None:
    accounts, _ = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    await accounts.set_password(account, PASSWORD)
    tokens = [await accounts.open_session(account, NOW) for _ in range(3)]
    await accounts.disable(account.id, NOW)
    assert [await accounts.session(token, NOW) for token in tokens] == [None] * 3
    assert await accounts.check("王芳", PASSWORD) is None
    assert await accounts.list() == ()


async def test_a_new_password_ends_the_sessions_of_the_old_one() -> None:
    accounts, _ = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    token = await accounts.open_session(account, NOW)
    await accounts.set_password(account, PASSWORD)
    assert await accounts.session(token, NOW) is None


async def test_signing_out_ends_one_session_and_leaves_the_others() -> None:
    accounts, _ = fresh()
    account = await accounts.create("王芳", Role.OPERATOR, "zh", NOW)
    here, there = await accounts.open_session(account, NOW), await accounts.open_session(account, NOW)
    await accounts.close_session(here)
    assert await accounts.session(here, NOW) is None
    assert await accounts.session(there, NOW) is not None
    assert here != there


async def test_an_account_of_a_person_on_the_rota_has_the_responders_id() -> None:
    accounts, _ = fresh()
    account = await accounts.create("李强", Role.CREW, "zh", NOW, responder_id="li")
    assert account.id == "li"
    found = await accounts.find("李强")
    assert found is not None
    assert found.id == "li"
