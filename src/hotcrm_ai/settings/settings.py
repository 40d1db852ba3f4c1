"""Typed settings of one workspace: from arguments, the environment and a file, with all mistakes reported at once."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hotcrm_ai.domain.addresses import VENDOR_HOSTS, AllowedHosts
from hotcrm_ai.domain.alert_settings import AlertSettings, read_alert_settings
from hotcrm_ai.domain.errors import ConfigError
from hotcrm_ai.domain.performance import CacheSettings, HealthThresholds
from hotcrm_ai.domain.rates import RATES, Rate, is_rate
from hotcrm_ai.domain.secret import Secret
from hotcrm_ai.domain.spending import PriceTable
from hotcrm_ai.settings.sources import PREFIX, SETTINGS_FILE, from_environment, from_file
from hotcrm_ai.settings.values import convert

DEFAULT_HOME: Final = Path(".hotcrm-ai")
_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")
_CHOICES: Final = {"log_format": ("auto", "text", "json"), "log_level": ("debug", "info", "warning", "error")}
LONGEST_NOTICE_SECONDS: Final = 5.0
_WORKSPACE: Final = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; ``Settings(...)`` takes values as they are, ``Settings.load()`` reads environment and file.

    ``home`` is the workspace folder. ``workspace`` names it in a shared database; without it, a name is made at first start and kept in
    the folder. ``provider_hosts`` lists where remote models may be asked, each ``host``, ``*.suffix`` or ``host:port`` (a server of your
    own, also on this machine). ``server_hosts`` are the names by which others call the HTTP server, ``trusted_proxies`` the
    addresses of proxies in front of it. ``prices`` says what language models cost, each with its date and source, ``alerts`` what is
    watched and who is told. ``database_url`` and ``crm_url`` are SQLAlchemy URLs (default: SQLite files in the folder). Times are in
    seconds unless the name says otherwise, rates in per cent.

    Raises:
        ConfigError: one or more values are wrong; all of them are listed.
    """

    home: Path = DEFAULT_HOME
    workspace: str | None = None
    database_url: Secret | None = None
    redis_url: Secret | None = None
    crm_url: Secret | None = None
    crm_objects: dict[str, Any] = dataclasses.field(default_factory=dict)
    cache_enabled: bool = True
    cache_default_ttl: float = 300.0
    cache_max_entries: int = 10_000
    cache_use_memory_fallback: bool = True
    redis_timeout_seconds: float = 0.05
    redis_connections: int = 4
    timeout_seconds: float = 2.0
    batch_concurrency: int = 8
    registry_refresh_seconds: float = 1.0
    log_keep_days: float = 0.0
    provider_hosts: tuple[str, ...] = ()
    provider_modules: tuple[str, ...] = ()
    provider_concurrency: int = 32
    prices: dict[str, Any] = dataclasses.field(default_factory=dict)
    alerts: dict[str, Any] = dataclasses.field(default_factory=dict)
    health_unhealthy_error_rate: float = 10.0
    health_degraded_error_rate: float = 5.0
    health_degraded_p95_ms: float = 500.0
    health_minimum_samples: int = 20
    health_window_seconds: float = 300.0
    server_hosts: tuple[str, ...] = ()
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    workers: int = 1
    log_format: str = "auto"
    log_level: str = "info"
    access_log: bool = False
    rate_per_second: float = 0.0
    rate_burst: float = 0.0
    max_requests: int = 256
    max_connections: int = 2_000
    request_seconds: float = 60.0
    stop_notice_seconds: float = 0.5

    def __post_init__(self) -> None:
        problems: list[str] = []
        for field in dataclasses.fields(self):
            try:
                object.__setattr__(self, field.name, convert(field, getattr(self, field.name)))
            except ValueError as problem:
                problems.append(f"{field.name}: {problem} (set {PREFIX}{field.name.upper()})")
        if not problems:
            problems += [
                *self._contradictions(),
                *_host_problems(self.provider_hosts),
                *_price_problems(self.prices),
                *_alert_problems(self.alerts),
                *_server_problems(self.server_hosts, self.trusted_proxies),
            ]
        if problems:
            raise ConfigError("The settings are not valid:", problems=tuple(problems))

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read settings: arguments win over the environment, the environment over ``settings.toml`` in the workspace folder.

        Variables are ``HOTCRM_AI_<NAME>`` for every field, and ``DATABASE_URL`` and ``REDIS_URL``.

        Raises:
            ConfigError: listing every unknown name and every wrong value.
        """
        given = os.environ if environ is None else environ
        names = {field.name for field in dataclasses.fields(cls)}
        values, problems = from_environment(given, names)
        values.update({name: value for name, value in overrides.items() if value is not None})
        problems += [f"{name}: there is no such setting" for name in overrides if name not in names]
        home = Path(values.get("home", DEFAULT_HOME))
        written, file_problems = from_file(home / SETTINGS_FILE, names)
        try:
            settings = cls(**{**written, **{name: value for name, value in values.items() if name in names}})
        except ConfigError as wrong:
            placed = [_placed(problem, written.keys() - values.keys()) for problem in wrong.problems]
            raise ConfigError("The settings are not valid:", problems=(*problems, *file_problems, *placed)) from None
        if problems or file_problems:
            raise ConfigError("The settings are not valid:", problems=(*problems, *file_problems))
        return settings

    @property
    def database(self) -> Secret:
        """The workspace database's URL: the setting, else SQLite in the workspace folder."""
        return self.database_url or Secret(f"sqlite:///{(self.home / 'workspace.db').absolute()}")

    @property
    def crm(self) -> Secret:
        """The CRM database's URL: the setting, else ``crm.db`` in the workspace folder."""
        return self.crm_url or Secret(f"sqlite:///{(self.home / 'crm.db').absolute()}")

    @property
    def cache(self) -> CacheSettings:
        """The settings of the cache, as one record; the Redis URL is not among them, for it may hold a password."""
        return CacheSettings(
            default_ttl=self.cache_default_ttl,
            enabled=self.cache_enabled,
            use_memory_fallback=self.cache_use_memory_fallback,
            max_entries=self.cache_max_entries,
        )

    @property
    def rate(self) -> Rate | None:
        """How many requests each caller of the server may send; None: as many as it likes."""
        return Rate.of(self.rate_per_second, burst=self.rate_burst)

    @property
    def allowed_hosts(self) -> AllowedHosts:
        """Where providers may be reached: the setting, and the public addresses of vendors that have one for everybody."""
        return AllowedHosts((*VENDOR_HOSTS, *self.provider_hosts))

    @property
    def price_table(self) -> PriceTable:
        """What models cost that are paid by the token, as far as the operator has said."""
        return PriceTable(self.prices)

    @property
    def alerting(self) -> AlertSettings:
        """Which rules watch the workspace, and where they tell."""
        return read_alert_settings(self.alerts)

    @property
    def health(self) -> HealthThresholds:
        """When a model counts as degraded or unhealthy, as one record."""
        return HealthThresholds(
            unhealthy_error_rate=self.health_unhealthy_error_rate,
            degraded_error_rate=self.health_degraded_error_rate,
            degraded_p95_latency=self.health_degraded_p95_ms,
            minimum_samples=self.health_minimum_samples,
            window_seconds=self.health_window_seconds,
        )

    def _contradictions(self) -> list[str]:
        problems = []
        if self.workspace is not None and not _WORKSPACE.match(self.workspace):
            problems.append(
                f"workspace: {self.workspace!r} must be 1 to 64 of a-z, 0-9, - and _ (set {PREFIX}WORKSPACE)"
            )
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                problems.append(
                    f"{name}: {getattr(self, name)!r} is none of {', '.join(allowed)} (set {PREFIX}{name.upper()})"
                )
        if self.stop_notice_seconds > LONGEST_NOTICE_SECONDS:
            problems.append(
                f"stop_notice_seconds: {self.stop_notice_seconds:g} is more than {LONGEST_NOTICE_SECONDS:g}, and a stop takes at most ten "
                f"seconds (set {PREFIX}STOP_NOTICE_SECONDS)"
            )
        if not is_rate(self.rate_per_second):
            problems.append(
                f"rate_per_second: {self.rate_per_second:g} is not {RATES}, or 0 for no limit (set {PREFIX}RATE_PER_SECOND)"
            )
        if self.rate_burst and not self.rate_per_second:
            problems.append(
                f"rate_burst: {self.rate_burst:g} without rate_per_second limits nothing (set {PREFIX}RATE_PER_SECOND too)"
            )
        if self.health_degraded_error_rate > self.health_unhealthy_error_rate:
            problems.append(
                f"health_degraded_error_rate: {self.health_degraded_error_rate:g} is above health_unhealthy_error_rate "
                f"{self.health_unhealthy_error_rate:g}"
            )
        return problems


def _placed(problem: str, written: Collection[str]) -> str:
    """Return a problem with the place where its value stands: the key of the file, where it comes from there."""
    name = problem.split(":", 1)[0]
    if name not in written:
        return problem
    return f"{problem.removesuffix(f' (set {PREFIX}{name.upper()})')} (the key {name} in {SETTINGS_FILE})"


def _host_problems(hosts: tuple[str, ...]) -> list[str]:
    problems = []
    for host in hosts:
        try:
            AllowedHosts([host])
        except ValueError as problem:
            problems.append(f"provider_hosts: {host!r}: {problem} (set {PREFIX}PROVIDER_HOSTS)")
    return problems


def _alert_problems(alerts: dict[str, Any]) -> list[str]:
    try:
        read_alert_settings(alerts)
    except ValueError as problem:
        return [f"alerts: {problem} (set it in {SETTINGS_FILE})"]
    return []


def _price_problems(prices: dict[str, Any]) -> list[str]:
    try:
        PriceTable(prices)
    except ValueError as problem:
        return [f"prices: {problem} (set {PREFIX}PRICES)"]
    return []


def _server_problems(hosts: tuple[str, ...], proxies: tuple[str, ...]) -> list[str]:
    problems = [
        f"server_hosts: {host!r} is no host name or address; give it without scheme and port (set {PREFIX}SERVER_HOSTS)"
        for host in hosts
        if not _HOST.fullmatch(host)
    ]
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            problems.append(
                f"trusted_proxies: {proxy!r} is no IP address or network, such as 10.0.0.5 or 10.0.0.0/24 (set {PREFIX}TRUSTED_PROXIES)"
            )
    return problems
