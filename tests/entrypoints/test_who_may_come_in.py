"""Every route asks who is there: a walk over all of them, with every kind of key, over two workspaces in one database."""

from __future__ import annotations

import base64
import importlib.util
import json
import logging
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hotcrm_ai import AI, Settings
from hotcrm_ai.access.key_text import new_key_text
from hotcrm_ai.assembly.opening import open_parts
from hotcrm_ai.domain.access import SESSION_COOKIE
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.entrypoints.http.operations import OPERATIONS
from hotcrm_ai.testing import FakeClock


def _load_walk() -> Any:
    spec = importlib.util.spec_from_file_location("route_walk", Path(__file__).with_name("route_walk.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


walk = _load_walk()


def bearer(text: str) -> dict[str, str]:
    """The header that carries a key."""
    return {"authorization": f"Bearer {text}"}


@dataclass
class House:
    """Our workspace and theirs in one database, an application around ours, and the clock of both."""

    ours: AI
    theirs: AI
    app: Any
    clock: FakeClock
    settings: Settings

    async def key(self, *scopes: Any, **options: Any) -> str:
        """Make a key of our workspace."""
        made = await self.ours.keys.create(scopes=scopes, **options)
        return made.secret.reveal()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Two open workspaces in one SQLite file; ours has a key, so nobody comes in without one."""
    async with AsyncExitStack() as opened:
        clock = FakeClock()
        url = f"sqlite:///{tmp_path / 'shared.db'}"
        spaces = []
        for name in ("ours", "theirs"):
            settings = Settings(home=tmp_path / name, workspace=name, database_url=url)  # type: ignore[arg-type]
            spaces.append(AI(await open_parts(settings, clock=clock)))
            opened.push_async_callback(spaces[-1].aclose)
        ours, theirs = spaces
        await ours.keys.create(scopes=["admin"])
        yield House(ours, theirs, create_app(ours), clock, ours.settings)


def test_every_operation_declares_the_scope_that_is_written_for_it() -> None:
    """Every GET is for readers but the two probes; every change has the scope that the walk's table says."""
    assert walk.wrong_scopes(OPERATIONS) == []
    assert {f"{one.method} {one.path}" for one in OPERATIONS if one.method != "GET"} == set(walk.SCOPES_OF_CHANGES)


def test_the_check_of_scopes_finds_broken_twins() -> None:
    """An operation opened to everybody, one for the wrong readers, and a change that nobody wrote down are found."""
    listing = next(one for one in OPERATIONS if one.name == "listModels")
    twins = [replace(listing, scope=None), replace(listing, scope="predict"), replace(listing, method="DELETE")]
    assert len(walk.wrong_scopes(twins)) == 3


async def _none(house: House) -> dict[str, str]:
    return {}


async def _malformed(house: House) -> dict[str, str]:
    return bearer((await house.key("admin"))[:-1])


async def _unknown(house: House) -> dict[str, str]:
    return bearer(new_key_text(secrets.token_bytes)[1])


async def _expired(house: House) -> dict[str, str]:
    text = await house.key("admin", expires=timedelta(minutes=1))
    house.clock.advance(60)
    return bearer(text)


async def _revoked(house: House) -> dict[str, str]:
    made = await house.ours.keys.create(scopes=["admin"])
    await house.ours.keys.revoke(made.key.id)
    return bearer(made.secret.reveal())


async def _of_the_other_workspace(house: House) -> dict[str, str]:
    made = await house.theirs.keys.create(scopes=["admin"])
    assert (await house.theirs.keys.authenticate(made.secret.reveal())).id == made.key.id
    return bearer(made.secret.reveal())


async def _of_another_scheme(house: House) -> dict[str, str]:
    text = await house.key("admin")
    return {"authorization": f"Basic {base64.b64encode(f'key:{text}'.encode()).decode()}"}


async def _in_other_headers(house: House) -> dict[str, str]:
    text = await house.key("admin")
    return {"x-api-key": text, "api-key": text, "proxy-authorization": f"Bearer {text}", "cookie": f"key={text}"}


async def _key_as_cookie(house: House) -> dict[str, str]:
    return {"cookie": f"{SESSION_COOKIE}={await house.key('admin')}"}


async def _forwarded(house: House) -> dict[str, str]:
    return {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "x-forwarded-host": "localhost"}


NOBODY = [
    _none, _malformed, _unknown, _expired, _revoked, _of_the_other_workspace, _of_another_scheme, _in_other_headers,
    _key_as_cookie, _forwarded,
]  # fmt: skip


@pytest.mark.parametrize("caller", NOBODY, ids=lambda caller: caller.__name__.strip("_"))
async def test_whoever_has_no_valid_key_gets_401_everywhere(house: House, caller: Any) -> None:
    """Every method of every path, and every path that looks like one, is refused alike, before the body is read."""
    assert await walk.refused(house.app, await caller(house)) == []


@pytest.mark.parametrize(
    ("held", "lacks"),
    [
        (("predict",), {"read", "write", "admin"}),
        (("read",), {"predict", "write", "admin"}),
        (("predict", "read"), {"write", "admin"}),
        (("write",), {"admin"}),
    ],
)
async def test_a_key_without_the_scope_gets_403_that_names_it(house: House, held: Any, lacks: set[str]) -> None:
    """A valid key that is not for a route is told which scope that needs, before the body is read."""
    assert await walk.without_scope(house.app, bearer(await house.key(*held)), lacks) == []


@pytest.mark.parametrize(
    ("held", "allows"),
    [
        ("predict", {"predict"}),
        ("read", {"read"}),
        ("write", {"predict", "read", "write"}),
        ("admin", {"predict", "read", "write", "admin"}),
    ],
)
async def test_a_key_with_the_scope_comes_in(house: House, held: Any, allows: set[str]) -> None:
    """What a scope is for is never refused for lack of a right, and meets no unexpected error."""
    assert await walk.shut_out(house.app, bearer(await house.key(held)), allows) == []


async def test_the_walk_finds_broken_twins(house: House) -> None:
    """A server that forgets to ask on one route, reads before it asks, or asks for any key only, does not pass the walk."""
    app = house.app

    async def forgets(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/v1/stats" and scope["method"] == "GET":
            scope = {**scope, "headers": [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {admin}".encode())]}
        await app(scope, receive, send)

    async def reads_first(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/v1/predict" and scope["method"] == "POST":
            await receive()
        await app(scope, receive, send)

    admin = await house.key("admin")
    assert all("/v1/stats" in complaint for complaint in await walk.refused(forgets, {}))
    assert len(await walk.refused(forgets, {})) == 2
    assert len(await walk.refused(reads_first, {})) == 2
    assert len(await walk.without_scope(forgets, bearer(await house.key("predict")), {"read"})) == 2
    assert len(await walk.shut_out(app, {}, {"read"})) > 20


async def test_a_sign_in_opens_the_pages_of_the_api_and_no_route(house: House) -> None:
    """The dashboard's cookie shows /docs to a reader, and is worth nothing below /v1, nor when the key is not for reading."""
    token, _ = await house.ours.keys.sign_in(await house.key("read"))
    cookie = {"cookie": f"theme=dark; {SESSION_COOKIE}={token.reveal()}"}
    answers = {
        path: (await walk.ask(house.app, walk.Asked("GET", path, b"", None), cookie)).status
        for path in ("/docs", "/docs/style.css", "/openapi.json", "/v1/models", "/v1/stats")
    }
    assert answers == {
        "/docs": 200,
        "/docs/style.css": 200,
        "/openapi.json": 200,
        "/v1/models": 401,
        "/v1/stats": 401,
    }
    other, _ = await house.ours.keys.sign_in(await house.key("predict"))
    told = await walk.ask(
        house.app, walk.Asked("GET", "/docs", b"", None), {"cookie": f"{SESSION_COOKIE}={other.reveal()}"}
    )
    assert told.status == 403


async def test_ids_of_the_other_workspace_read_like_unknown_ones(house: House) -> None:
    """For every route that takes an id, what exists next door and what exists nowhere get the same answer to the letter."""
    await house.theirs.registry.register({"id": "their-model", "provider": "custom"})
    headers = {**bearer(await house.key("admin")), "x-request-id": "same"}
    for operation in OPERATIONS:
        if "{id}" not in operation.path:
            continue
        told = []
        for name in ("their-model", "never-there"):
            path = operation.path.replace("{id}", name)
            answer = await walk.ask(house.app, walk.Asked(operation.method, path, b"", None), headers)
            told.append((answer.status, answer.headers, answer.body.replace(name.encode(), b"their-model")))
        assert told[0] == told[1], f"{operation.method} {operation.path}"
        assert told[0][0] in (404, 422, 415, 503), f"{operation.method} {operation.path}: {told[0]}"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_revocation_reaches_every_process_within_two_seconds(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """Two servers of one workspace; the key is revoked through one while the other answers a stream of calls."""
    url = f"sqlite:///{tmp_path / 'shared.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    clock = FakeClock()
    async with AsyncExitStack() as opened:
        workers = []
        for number in (1, 2):
            settings = Settings(home=tmp_path / f"home-{number}", workspace="ours", database_url=url)
            workers.append(AI(await open_parts(settings, clock=clock)))
            opened.push_async_callback(workers[-1].aclose)
        here, there = workers
        made = await here.keys.create(scopes=["read"])
        headers, app = bearer(made.secret.reveal()), create_app(there)
        asked = walk.Asked("GET", "/v1/stats", b"", "read")
        for _ in range(10):
            assert (await walk.ask(app, asked, headers)).status == 200
            clock.advance(0.3)
        await here.keys.revoke(made.key.id)
        statuses = []
        for _ in range(8):
            statuses.append((await walk.ask(app, asked, headers)).status)
            clock.advance(0.25)
        assert statuses[-4:] == [401, 401, 401, 401]
        assert statuses == sorted(statuses)


async def test_a_planted_key_is_nowhere_but_with_its_owner(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Sent rightly, wrongly and in every wrong place, a key is in no answer, log line, or row, plain or encoded."""
    caplog.set_level(logging.DEBUG)
    text = await house.key("read", name="planted")
    places = [
        bearer(text),
        bearer(text + "x"),
        bearer(text.upper()),
        {"authorization": text},
        {"authorization": f"Basic {text}"},
        {"x-api-key": text},
        {"cookie": f"{SESSION_COOKIE}={text}"},
    ]
    told = [await walk.ask(house.app, asked, headers) for asked in walk.all_requests()[::7] for headers in places]
    lead = walk.Asked("POST", f"/v1/leads/{text}/score", b"", "predict")
    assert (await walk.ask(house.app, lead, bearer(await house.key("predict")))).status == 503
    assert f"/v1/leads/{text.rsplit('_', 1)[0]}_***/score" in caplog.text
    seen = b"".join(json.dumps(str(one.headers)).encode() + one.body for one in told)
    seen += (
        caplog.text.encode() + repr(vars(house.ours.keys)).encode() + repr(await house.ours.keys.list_keys()).encode()
    )
    await house.ours.aclose()
    home = house.settings.home
    seen += b"".join(file.read_bytes() for file in [*home.rglob("*"), *home.parent.glob("shared*")] if file.is_file())
    secret = text.split("_")[2]
    wanted = [secret, secret.upper(), base64.b64encode(secret.encode()).decode()[2:-4]]
    assert [one for one in wanted if one.encode() in seen] == []
    assert len(told) > 500
