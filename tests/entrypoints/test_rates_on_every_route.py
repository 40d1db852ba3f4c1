"""Every caller is held to its rate on every route: 429 before the body is read, with the time of the next request."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotcrm_ai import AI, InvalidRequest, Settings
from hotcrm_ai.assembly.opening import open_parts
from hotcrm_ai.domain.access import SESSION_COOKIE
from hotcrm_ai.entrypoints.dashboard import create_dashboard
from hotcrm_ai.entrypoints.http import create_app
from hotcrm_ai.testing import FakeClock

FEATURES = {"company_size": 500}


def _load_walk() -> Any:
    spec = importlib.util.spec_from_file_location("route_walk", Path(__file__).with_name("route_walk.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


walk = _load_walk()


@dataclass
class House:
    """A workspace whose callers may send one request in a thousand seconds, its application, and its clock."""

    ai: AI
    app: Any
    clock: FakeClock

    async def key(self, *scopes: Any, **options: Any) -> dict[str, str]:
        """Make a key and return the header that carries it."""
        made = await self.ai.keys.create(scopes=scopes or ("admin",), **options)
        return {"authorization": f"Bearer {made.secret.reveal()}"}

    def client(self, **options: Any) -> httpx.AsyncClient:
        """Return a client of the application."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1", **options)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house with the dashboard."""
    async with AsyncExitStack() as opened:
        clock = FakeClock()
        ai = AI(await open_parts(Settings(home=tmp_path, rate_per_second=0.001), clock=clock))
        opened.push_async_callback(ai.aclose)
        yield House(ai, create_app(ai, dashboard=create_dashboard()), clock)


async def escaped(house: House, headers: dict[str, str]) -> list[str]:
    """Return the requests of the walk that a caller at its limit gets answered, or whose body is read."""
    complaints = []
    for asked in walk.all_requests():
        told = await walk.ask(house.app, asked, headers)
        is_open = (asked.method, asked.path) in walk.OPEN
        if is_open == (told.status == 429) or (told.was_read and not is_open):
            complaints.append(f"{asked.method} {asked.path!r}: {told.status}, body read: {told.was_read}")
        elif told.status == 429 and (
            json.loads(told.body)["code"] != "too_many_requests" or told.headers[b"retry-after"] != b"600"
        ):
            complaints.append(f"{asked.method} {asked.path!r}: {told.headers!r} {told.body!r}")
    return complaints


async def test_no_route_lets_a_key_escape_its_rate(house: House) -> None:
    """A key that used up its burst is refused everywhere but at the probes; the pages of the dashboard count by address."""
    headers = await house.key()
    async with house.client() as client:
        assert (await client.get("/v1/models", headers=headers)).status_code == 200
        assert (await client.get("/")).status_code == 303
    assert await escaped(house, headers) == []


async def test_without_keys_an_address_is_held_to_the_rate(house: House) -> None:
    """Programs of this machine that need no key share the rate of its address."""
    async with house.client() as client:
        assert (await client.get("/v1/models")).status_code == 200
    assert await escaped(house, {}) == []


async def test_a_sign_in_counts_as_its_key(house: House) -> None:
    """A page that a browser opens with its sign-in is a request of the key behind it."""
    made = await house.ai.keys.create(scopes=["read"])
    token, _ = await house.ai.keys.sign_in(made.secret.reveal())
    async with house.client(cookies={SESSION_COOKIE: token.reveal()}) as client:
        assert (await client.get("/docs")).status_code == 200
        refused = await client.get("/docs")
        assert (refused.status_code, made.key.id in refused.json()["detail"]) == (429, True)


async def test_keys_have_rates_of_their_own(house: House) -> None:
    """One key's burst is not another's; a key's own rate counts instead of the settings', and 0 is none."""
    plain, quick, free = await house.key(), await house.key(rate=2.5), await house.key(rate=0)
    async with house.client() as client:

        async def answered(headers: dict[str, str], number: int) -> int:
            told = [(await client.get("/v1/models", headers=headers)).status_code for _ in range(number)]
            assert set(told) <= {200, 429}
            return told.count(200)

        assert [await answered(headers, 20) for headers in (plain, quick, free)] == [1, 5, 20]
        house.clock.advance(2.0)
        assert [await answered(headers, 20) for headers in (plain, quick)] == [0, 5]
        house.clock.advance(998.0)
        assert await answered(plain, 20) == 1


async def test_a_refusal_says_what_the_rate_is_and_when_to_come_back(house: House) -> None:
    """429 with the seconds to wait, rounded up, and nothing of the workspace."""
    headers = await house.key(rate=0.5)
    async with house.client() as client:
        assert (await client.get("/v1/models", headers=headers)).status_code == 200
        refused = await client.post("/v1/predict", headers=headers, content=b"{")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert refused.json()["code"] == "too_many_requests"
    assert "0.5 a second, 1 at once; nothing was done, send this again in 2 s" in refused.json()["detail"]


async def test_records_of_a_batch_count_one_by_one(house: House) -> None:
    """A batch of nine that is answered costs nine requests; one that is refused as wrong costs one."""
    headers = await house.key(rate=1)
    batch = {"modelId": "lead-scoring-v1", "features": [FEATURES] * 9}
    async with house.client(headers=headers) as client:
        assert (
            await client.post("/v1/predict/batch", json={"modelId": "lead-scoring-v1", "features": []})
        ).status_code == 422
        assert (await client.post("/v1/predict/batch", json=batch)).status_code == 200
        refused = await client.get("/v1/models")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "9")
        house.clock.advance(9.0)
        assert (await client.get("/v1/models")).status_code == 200


@pytest.mark.parametrize(
    ("sent", "closes"),
    [({}, False), ({"content-length": "65536"}, False), ({"content-length": "65537"}, True), ({"content-length": "000000"}, True),
     ({"content-length": "x"}, True), ({"transfer-encoding": "chunked"}, True)],
)  # fmt: skip
async def test_a_connection_is_kept_unless_much_is_still_to_come(
    house: House, sent: dict[str, str], closes: bool
) -> None:
    """A new connection costs both sides more than a small body that nobody reads."""
    headers = await house.key(rate=0.5)
    asked = walk.Asked("POST", "/v1/predict", b"", "predict")
    await walk.ask(house.app, asked, headers)
    told = await walk.ask(house.app, asked, {**headers, **sent})
    assert (told.status, told.headers.get(b"connection") == b"close") == (429, closes)


async def test_whoever_has_no_valid_key_is_told_that_and_takes_nothing(house: House) -> None:
    """A stranger gets 401 however often, and nobody's rate is used up by it."""
    headers = await house.key()
    async with house.client() as client:
        for _ in range(5):
            assert (await client.get("/v1/models", headers={"authorization": "Bearer wrong"})).status_code == 401
            assert (await client.get("/v1/models")).status_code == 401
        assert (await client.get("/v1/models", headers=headers)).status_code == 200


@pytest.mark.parametrize("rate", [-1.0, 0.0001, 2e6, float("nan")])
async def test_what_is_no_rate_makes_no_key(house: House, rate: float) -> None:
    """A rate that could not be counted is refused before a key is made."""
    with pytest.raises(InvalidRequest, match=r"0\.001 to 1,000,000 requests a second"):
        await house.ai.keys.create(scopes=["read"], rate=rate)
    assert await house.ai.keys.list_keys() == []
