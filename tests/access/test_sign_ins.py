"""Sign-ins: a token instead of the key, for twelve hours at most, and never longer than the key lives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotcrm_ai.domain.errors import NotAuthenticated


async def test_a_sign_in_stands_for_its_key_for_twelve_hours(keys, clock):
    """The token is not the key, opens until its twelve hours are over, and carries its own CSRF token."""
    made = await keys.create(scopes=["write"])
    token, signed_in = await keys.sign_in(made.secret.reveal())
    assert token.reveal() not in made.secret.reveal()
    assert token.reveal() not in repr((token, signed_in))
    assert signed_in.expires_at - clock.now() == timedelta(hours=12)
    clock.advance(12 * 3600 - 1)
    found = await keys.signed_in(token.reveal())
    assert (found.key.id, found.csrf_token) == (made.key.id, signed_in.csrf_token)
    clock.advance(1)
    assert await keys.signed_in(token.reveal()) is None


async def test_a_sign_in_ends_with_the_key(keys, clock):
    """Revoking the key ends its sign-ins at once, and a key of an hour gives a sign-in of an hour."""
    revoked = await keys.create(scopes=["read"])
    token, _ = await keys.sign_in(revoked.secret.reveal())
    await keys.revoke(revoked.key.id)
    assert await keys.signed_in(token.reveal()) is None
    short = await keys.create(scopes=["read"], expires=timedelta(hours=1))
    token, signed_in = await keys.sign_in(short.secret.reveal())
    assert signed_in.expires_at - clock.now() == timedelta(hours=1)
    clock.advance(3600)
    assert await keys.signed_in(token.reveal()) is None


async def test_signing_out_ends_that_sign_in_only(keys):
    """Of two sign-ins with one key the other one goes on."""
    text = (await keys.create(scopes=["read"])).secret.reveal()
    first, _ = await keys.sign_in(text)
    second, _ = await keys.sign_in(text)
    await keys.sign_out(first.reveal())
    await keys.sign_out("never there")
    assert await keys.signed_in(first.reveal()) is None
    assert await keys.signed_in(second.reveal()) is not None


async def test_a_csrf_token_belongs_to_one_sign_in(keys):
    """The token of another sign-in, of the same key, is refused; so is anything else."""
    text = (await keys.create(scopes=["read"])).secret.reveal()
    _, first = await keys.sign_in(text)
    _, second = await keys.sign_in(text)
    assert first.accepts(first.csrf_token)
    assert [first.accepts(other) for other in (second.csrf_token, "", "é", first.csrf_token[:-1])] == [False] * 4


async def test_nobody_signs_in_without_a_valid_key(keys):
    """A key does not open as a session token, a token not as a key, and a revoked key signs nobody in."""
    made = await keys.create(scopes=["read"])
    token, _ = await keys.sign_in(made.secret.reveal())
    assert await keys.signed_in(made.secret.reveal()) is None
    with pytest.raises(NotAuthenticated):
        await keys.authenticate(token.reveal())
    await keys.revoke(made.key.id)
    with pytest.raises(NotAuthenticated):
        await keys.sign_in(made.secret.reveal())
