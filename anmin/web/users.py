"""The interface of `anmin user`: accounts, and the one-time links by which their owners come in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from anmin.accounts import Account, NameTaken, Role
from anmin.web.api import first_error, holds_token, problem
from anmin.web.asking import in_time
from anmin.web.deps import deps_of

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewUser(BaseModel):
    """`responder` is the id of the person in the community file, in whose name the account acts."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role
    responder: str | None = None
    language: Literal["zh", "en"] | None = None


async def listed(request: web.Request) -> web.Response:
    """Everybody who may sign in, oldest first."""
    if not holds_token(request):
        return _stranger()
    return web.json_response({"items": [_row(each) for each in await deps_of(request).accounts.list()]})


async def added(request: web.Request) -> web.Response:
    """A new account without a password; its link sets one."""
    if not holds_token(request):
        return _stranger()
    deps = deps_of(request)
    try:
        wanted = NewUser.model_validate_json(await in_time(request.read()))
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    if not wanted.name.isprintable():
        return problem(400, "invalid", "name: characters that cannot be seen")
    if (refused := _unfit(request, wanted)) is not None:
        return refused
    language = wanted.language or deps.language
    try:
        account = await deps.accounts.create(
            wanted.name, wanted.role, language, deps.now(), responder_id=wanted.responder
        )
    except NameTaken:
        return problem(409, "name_taken", f"there is or was an account for {_whom(wanted)}")
    return await _with_link(request, account, 201)


async def linked(request: web.Request) -> web.Response:
    """A new link, for whoever lost the first one or the password; the old password stays until it is used."""
    found = await _named(request)
    return found if isinstance(found, web.Response) else await _with_link(request, found, 201)


async def disabled(request: web.Request) -> web.Response:
    """Nobody signs in with it any more, and who is signed in is out."""
    found = await _named(request)
    if isinstance(found, web.Response):
        return found
    await deps_of(request).accounts.disable(found.id, deps_of(request).now())
    return web.json_response(_row(found))


def _stranger() -> web.Response:
    return problem(401, "not_signed_in", "send the API token")


def _unfit(request: web.Request, wanted: NewUser) -> web.Response | None:
    """The crew's page shows the calls of a station, so a crew account belongs to somebody of a station."""
    known = {each.id: each for each in deps_of(request).view.inventory.responders}
    crew = sorted(each.id for each in known.values() if each.station_id is not None)
    if wanted.responder is not None and wanted.responder not in known:
        return problem(404, "no_such_responder", f"nobody has the id {wanted.responder}: {_one_of(known)}")
    if wanted.role is Role.CREW and wanted.responder not in crew:
        return problem(400, "no_crew_member", f"a crew account needs a member of a station: {_one_of(crew)}")
    return None


def _one_of(ids: Any) -> str:
    return f"one of {', '.join(sorted(ids))}" if ids else "the community file names none"


def _whom(wanted: NewUser) -> str:
    return f"{wanted.name} or {wanted.responder}" if wanted.responder else wanted.name


async def _named(request: web.Request) -> Account | web.Response:
    if not holds_token(request):
        return _stranger()
    name = request.match_info["name"]
    return await deps_of(request).accounts.find(name) or problem(
        404, "no_such_user", f"there is no account named {name}"
    )


async def _with_link(request: web.Request, account: Account, status: int) -> web.Response:
    deps = deps_of(request)
    token = await deps.accounts.link(account.id, deps.now())
    origin = deps.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
    return web.json_response(_row(account) | {"link": f"{origin}/sign-in/link?token={token}"}, status=status)


def _row(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role.value,
        "language": account.language,
        "has_password": account.has_password,
    }
