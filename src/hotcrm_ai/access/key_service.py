"""Makes, verifies and revokes API keys, and keeps the sign-ins made with them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NoReturn

from hotcrm_ai.access.key_text import ID_AT, RandomBytes, digest_of, is_well_formed, new_key_text
from hotcrm_ai.access.verified_keys import KEPT_SECONDS, RENEWED_AFTER_SECONDS, VerifiedKeys
from hotcrm_ai.domain.access import KEY_SCOPES, APIKey, KeyScope, NewKey, SignedIn
from hotcrm_ai.domain.errors import InvalidRequest, KeyNotFound, NotAuthenticated, StorageError
from hotcrm_ai.domain.rates import RATES, is_rate
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.ports.clock import Clock
from hotcrm_ai.ports.key_store import KeptKey, KeyStore
from hotcrm_ai.ports.sign_in_store import KeptSignIn, SignInStore

SIGN_IN_HOURS: Final = 12
MAX_NAME: Final = 100
MAX_EXPIRY: Final = timedelta(days=3650)
_TOKEN_BYTES: Final = 32
_USE_NOTED_EVERY: Final = timedelta(minutes=1)

_logger: Final = logging.getLogger("hotcrm_ai.access")


class KeyService:
    """The API keys of one workspace, and who signed in with them.

    A verified key is trusted for at most a second, so a revocation reaches every process within that time; nothing but the workspace's
    database is asked.
    """

    def __init__(self, keys: KeyStore, sign_ins: SignInStore, *, clock: Clock, random_bytes: RandomBytes) -> None:
        self._keys = keys
        self._sign_ins = sign_ins
        self._clock = clock
        self._random_bytes = random_bytes
        self._verified = VerifiedKeys()
        self._some_exist = False
        self._none_until = float("-inf")
        self._asked_from = float("-inf")
        self._asking: asyncio.Task[bool] | None = None
        self._pending: set[asyncio.Task[None]] = set()

    async def create(
        self, *, name: str = "", scopes: Sequence[KeyScope], expires: timedelta | None = None, rate: float | None = None
    ) -> NewKey:
        """Make a key and return it with its text, which is shown this once; ``expires`` None: it never does.

        ``rate`` is how many requests a second it may send: None as many as the settings say, 0 as many as it likes.

        Raises:
            InvalidRequest: no scope or an unknown one, a name over 100 characters, an expiry that is not within ten years, or a rate
                that is none.
        """
        _check(name, scopes, expires, rate)
        key_id, text = new_key_text(self._random_bytes)
        now = self._clock.now()
        key = APIKey(
            id=key_id,
            name=name,
            scopes=tuple(scope for scope in KEY_SCOPES if scope in scopes),
            created_at=now,
            expires_at=None if expires is None else now + expires,
            rate=None if rate is None else float(rate),
        )
        await self._keys.add(KeptKey(key, digest_of(text)))
        self._some_exist = True
        return NewKey(key, Secret(text))

    async def list_keys(self) -> list[APIKey]:
        """Return all keys that were ever made, the oldest first."""
        return await self._keys.list_keys()

    async def revoke(self, key_id: str) -> APIKey:
        """End a key for good, and with it the sign-ins made with it; every process refuses it within a second.

        Raises:
            KeyNotFound: there is no such key.
        """
        key = await self._keys.revoke(key_id, at=self._clock.now())
        if key is None:
            raise KeyNotFound(f"No API key has the id {key_id[:64]!r}; `hotcrm-ai keys list` shows all.")
        self._verified.forget(key_id)
        return key

    async def any_exist(self) -> bool:
        """Whether a key was ever made in this workspace, revoked ones included.

        That there is none is believed for a second; from half of it on one caller asks again while the others go on. After that they all
        wait for the one.
        """
        if self._some_exist:
            return True
        at = self._clock.monotonic()
        if at < self._asked_from or (self._asking is not None and at < self._none_until):
            return False
        if self._asking is None:
            self._asking = asyncio.create_task(self._look_for_any(at))
            self._asking.add_done_callback(self._looked)
        return await asyncio.shield(self._asking)

    async def authenticate(self, presented: str) -> APIKey:
        """Return the key that was presented.

        Raises:
            NotAuthenticated: it is malformed, unknown, expired or revoked; which of these is not told.
        """
        at = self._clock.monotonic()
        return self._verified.recall(presented[ID_AT], presented, at=at) or await self._verify(presented, at)

    async def sign_in(self, presented: str) -> tuple[Secret, SignedIn]:
        """Let somebody in with a key, and return the token that stands for them and what it opens.

        Raises:
            NotAuthenticated: the key is not valid.
        """
        key = await self.authenticate(presented)
        now = self._clock.now()
        ends = now + timedelta(hours=SIGN_IN_HOURS)
        token = urlsafe_b64encode(self._random_bytes(_TOKEN_BYTES)).decode("ascii").rstrip("=")
        kept = KeptSignIn(digest_of(token), key.id, now, ends if key.expires_at is None else min(ends, key.expires_at))
        await self._sign_ins.add(kept)
        return Secret(token), SignedIn(key, _csrf_token(token), kept.expires_at)

    async def signed_in(self, token: str) -> SignedIn | None:
        """Return who signed in under this token; None where nobody did, their time is over, or their key is revoked."""
        found = await self._sign_ins.find(digest_of(token))
        if found is None:
            return None
        kept, key = found
        now = self._clock.now()
        if now >= kept.expires_at or not key.is_valid(now):
            return None
        return SignedIn(key, _csrf_token(token), kept.expires_at)

    async def sign_out(self, token: str) -> None:
        """End a sign-in; one that is not there is fine."""
        await self._sign_ins.remove(digest_of(token))

    async def aclose(self) -> None:
        """Wait for what is still being written."""
        await asyncio.gather(*self._pending)

    async def _look_for_any(self, at: float) -> bool:
        self._some_exist = bool(await self._keys.list_keys()) or self._some_exist
        self._asked_from, self._none_until = at + RENEWED_AFTER_SECONDS, at + KEPT_SECONDS
        return self._some_exist

    def _looked(self, asking: asyncio.Task[bool]) -> None:
        self._asking = None
        if not asking.cancelled():
            asking.exception()

    async def _verify(self, presented: str, at: float) -> APIKey:
        if not is_well_formed(presented):
            _refuse()
        kept = await self._keys.find(presented[ID_AT])
        now = self._clock.now()
        if kept is None or not hmac.compare_digest(kept.digest, digest_of(presented)):
            _refuse()
        if not kept.key.is_valid(now):
            self._verified.forget(kept.key.id)
            _refuse()
        self._verified.keep(kept.key, presented, since=at, now=now)
        if kept.key.last_used_at is None or now - kept.key.last_used_at >= _USE_NOTED_EVERY:
            task = asyncio.create_task(self._note_use(kept.key.id))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)
        return kept.key

    async def _note_use(self, key_id: str) -> None:
        """Write when a key was used, behind the request; a stamp that is lost harms nobody, so it is logged and no more."""
        try:
            await self._keys.note_use(key_id, at=self._clock.now())
        except StorageError as problem:
            _logger.warning("when the API key %s was last used could not be written: %s", key_id, problem)


def _refuse() -> NoReturn:
    raise NotAuthenticated(
        "The API key is not valid: it is mistyped, unknown, expired or revoked; make another with `hotcrm-ai keys create`."
    )


def _csrf_token(token: str) -> str:
    return hmac.new(token.encode(errors="replace"), b"hotcrm-ai csrf", hashlib.sha256).hexdigest()


def _check(name: str, scopes: Sequence[KeyScope], expires: timedelta | None, rate: float | None) -> None:
    unknown = [scope for scope in scopes if scope not in KEY_SCOPES]
    if unknown or not scopes or isinstance(scopes, str):
        raise InvalidRequest(f"A key needs one or more of the scopes {', '.join(KEY_SCOPES)}; got {scopes!r:.200}.")
    if len(name) > MAX_NAME or not name.isprintable():
        raise InvalidRequest(f"The name of a key has at most {MAX_NAME} printable characters; got {name[:120]!r}.")
    if expires is not None and not timedelta(0) < expires <= MAX_EXPIRY:
        raise InvalidRequest(f"A key expires after more than no time and at most ten years; got {expires}.")
    if rate is not None and not is_rate(rate):
        raise InvalidRequest(f"The rate of a key is {RATES} requests a second, or 0 for no limit; got {rate!r}.")
