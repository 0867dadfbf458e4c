"""Every setting: its field, name, default, bounds and explanation; messages, .env.example and docs come from here."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple
from urllib.parse import quote

from aicalendar_tui.settings import values
from aicalendar_tui.settings.folders import HOME_VARIABLE, Folders
from aicalendar_tui.settings.values import Secret, to_text

if TYPE_CHECKING:
    from datetime import datetime

DEMO_VARIABLE = "AICALENDAR_DEMO"
PREFIX = "AICALENDAR_"
"""Our own names begin with it in the environment, and do without it in config.toml."""
COMMAND_LINE = "the command line"
"""The source of what a command overrides."""


class Setting(NamedTuple):
    """How people write one field of `Settings`."""

    name: str
    """In the environment and in `.env`."""
    parse: Callable[[str], Any]
    """Raises ValueError."""
    right: str
    """What a value must be, to follow "must be"."""
    help: str
    """One line for `.env.example` and the documentation."""
    group: str
    example: str = ""
    """Shown in `.env.example` where there is no default."""
    demo: Literal["as set", "environment only", "never"] = "as set"
    """Which of the user's values the demo heeds; what a command itself overrides always counts."""

    @property
    def key(self) -> str:
        """The name in config.toml."""
        return self.name.removeprefix(PREFIX).lower()


_PORT = "a port from 0 to 65535 (0: any free one)"
_POLL = "a number of seconds from 10 to 86400"
REDIS_PARTS = ("redis_host", "redis_port", "redis_password")


class Settings(NamedTuple):
    """Everything that can be set. An absent value is None; `sources` says where a value that is set came from."""

    folders: Folders
    demo: bool = False
    """Whether this is the demo, whose accounts and services are its own."""

    redis_url: Annotated[
        Secret | None,
        Setting(
            "REDIS_URL",
            values.service_address("redis", "rediss", "unix"),
            "an address such as redis://localhost:6379/0, rediss://… or unix:///path",
            "Use this Redis instead of the one that aicalendar starts for itself.",
            "Redis",
            "redis://localhost:6379/0",
            "never",
        ),
    ] = None
    redis_host: Annotated[
        str,
        Setting(
            "REDIS_HOST",
            values.word,
            "a host name",
            "The host of that Redis, where REDIS_URL is not set.",
            "Redis",
            demo="never",
        ),
    ] = "localhost"
    redis_port: Annotated[
        int,
        Setting(
            "REDIS_PORT",
            values.integer(1, 65535),
            "a port from 1 to 65535",
            "Its port, where REDIS_URL is not set.",
            "Redis",
            demo="never",
        ),
    ] = 6379
    redis_password: Annotated[
        Secret | None,
        Setting(
            "REDIS_PASSWORD",
            Secret,
            "a password",
            "Its password, where REDIS_URL is not set.",
            "Redis",
            "secret",
            "never",
        ),
    ] = None
    cache_ttl_seconds: Annotated[
        int,
        Setting(
            "CACHE_TTL_SECONDS",
            values.integer(1, 604_800),
            "a number of seconds from 1 to 604800",
            "How long a cached view lives in Redis.",
            "Redis",
        ),
    ] = 360

    database_url: Annotated[
        Secret | None,
        Setting(
            "DATABASE_URL",
            values.service_address("postgresql", "postgres"),
            "an address such as postgresql://user:password@host/name",
            "Use this database instead of an SQLite file in the data folder.",
            "Database",
            "postgresql://user:password@localhost/aicalendar",
            "never",
        ),
    ] = None

    google_api_endpoint: Annotated[
        str,
        Setting(
            "GOOGLE_API_ENDPOINT",
            values.web_address,
            "a base address such as https://www.googleapis.com",
            "Where Google Calendar is: API at /calendar/v3/, sign-in at /o/oauth2/auth and /token.",
            "Google",
            demo="environment only",
        ),
    ] = "https://www.googleapis.com"

    public_url: Annotated[
        str | None,
        Setting(
            "PUBLIC_URL",
            values.web_address,
            "an address such as https://calendar.example.org",
            "How Google reaches the webhook through your own reverse proxy, in place of ngrok.",
            "Live updates",
            "https://calendar.example.org",
            "environment only",
        ),
    ] = None
    webhook_port: Annotated[
        int,
        Setting(
            "WEBHOOK_PORT",
            values.integer(0, 65535),
            _PORT,
            "The public webhook's port: the only one a tunnel or proxy may point at.",
            "Live updates",
        ),
    ] = 8001
    ngrok_authtoken: Annotated[
        Secret | None,
        Setting(
            "NGROK_AUTHTOKEN",
            Secret,
            "a token",
            "Your token from dashboard.ngrok.com: opens a tunnel while live updates are on.",
            "Live updates",
            "2abcDEF",
            "never",
        ),
    ] = None
    ngrok_domain: Annotated[
        str | None,
        Setting(
            "NGROK_DOMAIN",
            values.word,
            "a domain name",
            "A domain reserved at ngrok, so that the address stays.",
            "Live updates",
            "name.ngrok.app",
            "never",
        ),
    ] = None
    ngrok_region: Annotated[
        str | None,
        Setting("NGROK_REGION", values.word, "a region such as eu", "ngrok's region.", "Live updates", "eu", "never"),
    ] = None

    api_port: Annotated[
        int,
        Setting(
            "API_PORT",
            values.integer(0, 65535),
            _PORT,
            "The local API's port, on 127.0.0.1 only.",
            "Local API",
        ),
    ] = 8000
    local_api_auth: Annotated[
        bool,
        Setting(
            "LOCAL_API_AUTH",
            values.switch,
            "on or off",
            "Whether the local API wants the token that `aicalendar token` prints.",
            "Local API",
        ),
    ] = True

    poll_seconds: Annotated[
        int,
        Setting(
            "AICALENDAR_POLL_SECONDS",
            values.integer(10, 86_400),
            _POLL,
            "How often a calendar without live updates is asked for changes.",
            "Sync",
        ),
    ] = 300
    watched_poll_seconds: Annotated[
        int,
        Setting(
            "AICALENDAR_WATCHED_POLL_SECONDS",
            values.integer(10, 86_400),
            _POLL,
            "How often one with live updates is asked all the same (notifications can get lost).",
            "Sync",
        ),
    ] = 900

    language: Annotated[
        str | None,
        Setting(
            "AICALENDAR_LANGUAGE",
            values.choice("en", "ru"),
            "en or ru",
            "The language of the program; unset, the locale's.",
            "Screen",
            "ru",
        ),
    ] = None
    theme: Annotated[
        str,
        Setting(
            "AICALENDAR_THEME",
            values.word,
            "dark, light or the name of a Textual theme",
            "Colours: dark, light or the name of a Textual theme.",
            "Screen",
        ),
    ] = "dark"
    zone: Annotated[
        str | None,
        Setting(
            "AICALENDAR_ZONE",
            values.zone,
            "an IANA time zone such as Europe/Berlin",
            "The time zone in which days are shown; unset, this machine's.",
            "Screen",
            "Europe/Berlin",
        ),
    ] = None
    first_day_of_week: Annotated[
        str,
        Setting(
            "AICALENDAR_FIRST_DAY_OF_WEEK",
            values.choice("monday", "sunday", "saturday"),
            "monday, sunday or saturday",
            "The day that weeks begin with.",
            "Screen",
        ),
    ] = "monday"
    clock_hours: Annotated[
        int,
        Setting(
            "AICALENDAR_CLOCK_HOURS",
            lambda text: int(values.choice("12", "24")(text)),
            "12 or 24",
            "15:00 (24) or 3:00 pm (12).",
            "Screen",
        ),
    ] = 24
    week: Annotated[
        str,
        Setting(
            "AICALENDAR_WEEK",
            values.choice("7", "5", "today"),
            "7, 5 or today",
            "The week view: 7 days, 5 (Monday to Friday), or the 7 from today on.",
            "Screen",
        ),
    ] = "7"
    several_days: Annotated[
        int,
        Setting(
            "AICALENDAR_SEVERAL_DAYS",
            values.integer(1, 9),
            "a number of days from 1 to 9",
            "How many days the view of several days begins with.",
            "Screen",
        ),
    ] = 3
    row_minutes: Annotated[
        int,
        Setting(
            "AICALENDAR_ROW_MINUTES",
            lambda text: int(values.choice("15", "30", "60")(text)),
            "15, 30 or 60",
            "The minutes that a row of the day and week views stands for.",
            "Screen",
        ),
    ] = 30
    work_hours: Annotated[
        str,
        Setting(
            "AICALENDAR_WORK_HOURS",
            values.hours,
            "two times of a day such as 09:00-18:00",
            "Your working hours; the others are shaded.",
            "Screen",
        ),
    ] = "09:00-18:00"
    second_zone: Annotated[
        str | None,
        Setting(
            "AICALENDAR_SECOND_ZONE",
            values.zone,
            "an IANA time zone such as America/New_York",
            "A second time zone, whose hours stand beside yours.",
            "Screen",
            "America/New_York",
        ),
    ] = None
    week_numbers: Annotated[
        bool,
        Setting(
            "AICALENDAR_WEEK_NUMBERS",
            values.switch,
            "on or off",
            "Whether the month shows the numbers of its weeks.",
            "Screen",
        ),
    ] = True
    preset: Annotated[
        str,
        Setting(
            "AICALENDAR_PRESET",
            values.choice("hybrid", "google"),
            "hybrid or google",
            "The keys to begin with: hybrid (vi's and Google's) or google (Google Calendar's in the browser).",
            "Screen",
        ),
    ] = "hybrid"
    keys: Annotated[
        Mapping[str, tuple[str, ...]] | None,
        Setting(
            "AICALENDAR_KEYS",
            values.key_choice,
            "commands with their keys, such as create=c,n undo=ctrl+z",
            "Keys of your own, by the commands' names; in config.toml a table [keys].",
            "Screen",
            "create=c,n undo=ctrl+z",
        ),
    ] = None
    now: Annotated[
        "datetime | None",
        Setting(
            "AICALENDAR_NOW",
            values.moment,
            "a time such as 2026-11-23T09:00 or 2026-11-23T09:00+01:00",
            "Pretend that it is this time, for pictures and tests.",
            "Screen",
            "2026-11-23T09:00",
        ),
    ] = None

    sources: Mapping[str, str] = MappingProxyType({})
    """Field → where its value was set, for those that are not at their default."""
    ignored: tuple[str, ...] = ()
    """Names in `.env` that mean nothing to us, each with its line: not wrong, but perhaps a slip."""

    def is_set(self, field: str) -> bool:
        """Whether somebody chose the value; a default port may give way to a free one, a chosen one may not."""
        return field in self.sources

    @property
    def shown_zone(self) -> str:
        """The IANA zone in which days are shown: the chosen one, else this machine's."""
        if self.zone:
            return self.zone
        from aicalendar_tui.settings.local_zone import find_local_zone

        return find_local_zone()

    @property
    def external_redis_url(self) -> Secret | None:
        """The Redis to use; None: start our own. Any of REDIS_HOST, _PORT and _PASSWORD means one of the user's."""
        if self.redis_url:
            return self.redis_url
        if not any(map(self.is_set, REDIS_PARTS)):
            return None
        password = f":{quote(self.redis_password, safe='')}@" if self.redis_password else ""
        host = f"[{self.redis_host}]" if ":" in self.redis_host else self.redis_host
        return Secret(f"redis://{password}{host}:{self.redis_port}/0")

    def child_environ(self) -> dict[str, str]:
        """What a child process needs beside our environment to load the same settings. Not for `argv`: has secrets.

        Files are read again by the child; only the demo, the folder and what a command overrode are in it.
        """
        environ = {DEMO_VARIABLE: "1"} if self.demo else {}
        if self.sources.get("folders"):
            # As an absolute path: a child may run in another folder.
            environ[HOME_VARIABLE] = str(self.folders.config)
        for field, setting in FIELDS.items():
            if self.sources.get(field) == COMMAND_LINE:
                environ[setting.name] = to_text(getattr(self, field))
        return environ


FIELDS: Mapping[str, Setting] = {
    field: annotation.__metadata__[0]
    for field, annotation in Settings.__annotations__.items()
    if hasattr(annotation, "__metadata__")
}
"""Field of `Settings` → how it is written, in the order of the documentation."""
