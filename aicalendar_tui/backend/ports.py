"""What the services need of the world, as Protocols; the adapters beside them, and the tests' fakes, fit these.

Everything is synchronous but `ChangeFeed`. Adapters raise only errors of `domain.errors`.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Literal, Protocol

from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar, SyncState
from aicalendar_tui.backend.domain.change import Change, ChangeState, Step, UndoEntry
from aicalendar_tui.backend.domain.channel import Channel, ChannelState
from aicalendar_tui.backend.domain.client_file import Client
from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.news import News
from aicalendar_tui.backend.domain.search import Document, Query
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days, Span


class Clock(Protocol):
    """The edge's only source of time."""

    def now(self) -> datetime:
        """An aware datetime in UTC."""
        ...

    def epoch(self) -> int:
        """`now` in whole seconds since the epoch."""
        ...


class EventPage(Struct, frozen=True, kw_only=True):
    """One page of events.list; `next_sync_token` comes on the last page only (PROTOCOL 17)."""

    items: list[Resource]
    next_page_token: str | None = None
    next_sync_token: str | None = None


class CalendarPage(Struct, frozen=True, kw_only=True):
    """One page of calendarList.list, as Google's CalendarListEntry resources."""

    items: list[Resource]
    next_page_token: str | None = None
    next_sync_token: str | None = None


class Watched(Struct, frozen=True, kw_only=True):
    """What Google answered to a watch request."""

    resource_id: str
    expiration_ms: int | None


class RemoteCalendar(Protocol):
    """One account's calendars at Google. Not shared between threads (httplib2 is not made for it).

    Every method may raise `Transient` (`Unreachable` when there was no answer), `NotAuthorized`, `Rejected`.
    """

    @property
    def fingerprint(self) -> str:
        """The parameters that `list_events` sends beside the token, as one text (PROTOCOL 16)."""
        ...

    def list_calendars(self, *, sync_token: str | None = None, page_token: str | None = None) -> CalendarPage:
        """Raises `SyncTokenExpired`. Deleted and hidden entries are included."""
        ...

    def list_events(
        self, calendar_id: str, *, sync_token: str | None = None, page_token: str | None = None
    ) -> EventPage:
        """Masters, singles and exceptions (`singleEvents=false`), tombstones too. Raises `SyncTokenExpired`."""
        ...

    def get_event(self, calendar_id: str, event_id: str) -> Resource:
        """Raises `NotFound`. A cancelled event is returned as Google returns it."""
        ...

    def find_instance(self, calendar_id: str, event_id: str, original_start: str) -> Resource | None:
        """The instance of the series at that original start, changed, cancelled or plain; None if there is none."""
        ...

    def insert_event(self, calendar_id: str, body: Resource, *, send_updates: str = "none") -> Resource:
        """`body` carries our own `id`. Raises `Duplicate`."""
        ...

    def patch_event(
        self, calendar_id: str, event_id: str, fields: Resource, *, etag: str, send_updates: str = "none"
    ) -> Resource:
        """With If-Match. Raises `Conflict` (412) and `NotFound`."""
        ...

    def delete_event(self, calendar_id: str, event_id: str, *, etag: str = "", send_updates: str = "none") -> None:
        """With If-Match unless `etag` is ''. Raises `Conflict` and `NotFound` (gone already)."""
        ...

    def move_event(
        self, calendar_id: str, event_id: str, destination: str, *, send_updates: str = "none"
    ) -> Resource:
        """Raises `NotFound`."""
        ...

    def watch_events(
        self, calendar_id: str, *, channel_id: str, token: str, address: str, ttl_seconds: int
    ) -> Watched:
        """Raises `NotWatchable`, `AddressRefused`, `ChannelIdNotUnique`."""
        ...

    def stop_channel(self, *, channel_id: str, resource_id: str) -> None:
        """Raises `NotFound` when it is gone already."""
        ...


class Remotes(Protocol):
    """Opens the account of a user at Google; each thread gets a client of its own."""

    def __call__(self, user_id: str, /) -> RemoteCalendar:
        """Raises `NotAuthorized` when no usable credentials are stored for the user."""
        ...


class MirrorRow(Struct, frozen=True, kw_only=True):
    """An event as Google last sent it. Tombstones stay, with status `cancelled`."""

    calendar_id: str
    event_id: str
    etag: str
    resource: Resource


class Written(Struct, frozen=True, kw_only=True):
    """What `put_events` did: the families that changed, and how many rows a later push protected."""

    family_ids: set[str]
    protected: int = 0


class Stage(Struct, frozen=True, kw_only=True):
    """A full sync under way: where it goes on, and the write sequence at its beginning."""

    generation: int
    page_token: str | None
    write_sequence: int
    dirty_seq: int


class AccountRow(Struct, frozen=True, kw_only=True):
    """An account in the database. `window` is the stretch for which series are expanded in the index."""

    user_id: str
    email: str
    endpoint: str
    revision: int
    window: Span


class ReadUnit(Protocol):
    """A consistent view of the database, for as long as it is open."""

    # accounts and revisions
    def database_id(self) -> str: ...
    def public_address(self) -> str:
        """Where the receiver can be reached from outside, without path; '' when it can't."""
        ...

    def tunnel_problem(self) -> str:
        """Why it can't though a tunnel is wanted (a msgid); '' while all is well."""
        ...

    def accounts(self) -> list[AccountRow]:
        """The default one first, the others by address."""
        ...

    def account(self, user_id: str) -> AccountRow | None: ...
    def revision(self, user_id: str) -> int: ...

    # calendars
    def calendars(self, user_id: str) -> list[Calendar]: ...
    def calendar(self, user_id: str, calendar_id: str) -> Calendar | None: ...
    def sync_state(self, user_id: str, calendar_id: str) -> SyncState: ...

    # the mirror; `generation` None is the live one, else a full sync's staged rows
    def deaths(self, user_id: str, calendar_id: str) -> int:
        """How many workers in a row died over the calendar."""
        ...

    def compared_at(self, user_id: str, calendar_id: str) -> int:
        """When it was last listed as a whole, in epoch seconds; 0: never, as far as is known."""
        ...

    def mirror(self, user_id: str, calendar_id: str, event_id: str) -> MirrorRow | None: ...
    def mirror_instance(
        self, user_id: str, calendar_id: str, event_id: str, original_start: str
    ) -> MirrorRow | None: ...
    def families(
        self, user_id: str, calendar_id: str, event_ids: Collection[str], *, generation: int | None = None
    ) -> dict[str, list[Resource]]:
        """For each id the event and all stored exceptions of it, tombstones too; [] where nothing is stored."""
        ...

    def people(self, user_id: str, *, limit: int) -> list[Person]:
        """The guests of the user's events, those met most often first; neither rooms nor the user."""
        ...

    def resources(self, user_id: str, calendar_id: str) -> list[Resource]:
        """Every row of the live generation, tombstones too."""
        ...

    def series_ids(self, user_id: str, calendar_id: str, *, generation: int | None = None) -> list[str]:
        """The ids of all series, for when the window grows."""
        ...

    def staged_generation(self, user_id: str, calendar_id: str) -> int | None:
        """That of the full sync under way; None when there is none."""
        ...

    def write_sequence(self, user_id: str, calendar_id: str) -> int:
        """The stamp of the last pushed row in that calendar; a pull notes it before its first request."""
        ...

    def pushed_since(self, user_id: str, calendar_id: str, write_sequence: int) -> list[str]:
        """The ids of the live rows that pushes wrote after that stamp."""
        ...

    def event_count(self, user_id: str, calendar_id: str, *, generation: int | None = None) -> int:
        """How many rows are stored, tombstones not counted."""
        ...

    # the shown index
    def entries(self, user_id: str, days: Days, calendar_ids: Collection[str]) -> list[Entry]:
        """What overlaps `days` in these calendars, unsorted: all-day entries by dates, others by instants."""
        ...

    def entries_json(self, user_id: str, days: Days, calendar_ids: Collection[str]) -> bytes:
        """The same as a JSON array, without decoding a row."""
        ...

    def search(
        self, user_id: str, query: Query, calendar_ids: Collection[str], *, zone: str, now: int, limit: int
    ) -> list[Entry]:
        """One entry an event or series, the one nearest to `now`: what is to come first, then what is over.

        The query's days are days in `zone`; its words for calendars are the caller's, who knows their names.
        """
        ...

    # the outbox
    def changes(self, user_id: str) -> list[Change]:
        """All of them, oldest first."""
        ...

    def changes_about(self, user_id: str) -> list[Change]:
        """Those of the user and those of others with a step in the user's calendars, oldest first."""
        ...

    def change(self, change_id: int) -> Change | None: ...
    def changes_of(self, user_id: str, event_id: str) -> list[Change]:
        """Those about the user with an open step on that event or series, oldest first."""
        ...

    def undo_entries(self, user_id: str, *, undone: bool, limit: int = 1) -> list[UndoEntry]:
        """The newest first."""
        ...

    def undo_of(self, change_id: int) -> list[UndoEntry]:
        """The entries whose present state that change carries; several when edits were merged. Oldest first."""
        ...

    # channels, tasks
    def channel(self, channel_id: str) -> Channel | None: ...
    def channels(
        self, user_id: str | None = None, *, calendar_id: str | None = None, states: Collection[ChannelState] = ()
    ) -> list[Channel]: ...
    def task(self, task_id: str) -> Task | None: ...
    def tasks(self, user_id: str, *, limit: int = 50) -> list[Task]:
        """Open ones first, then the newest."""
        ...

    def count_begun(self, user_id: str, calendar_id: str, name: str, *, since: int) -> int:
        """How many tasks of that name were begun for the calendar at `since` (epoch seconds) or later."""
        ...

    def counts(self, user_id: str) -> dict[Literal["waiting", "conflict", "rejected", "open_tasks"], int]:
        """Changes by state, and tasks that are queued, running or retrying."""
        ...


class WriteUnit(ReadUnit, Protocol):
    """One transaction (SQLite: BEGIN IMMEDIATE). Leaving the block commits; an exception rolls everything back."""

    def bump_revision(self, user_id: str) -> int:
        """Counts up and returns the new revision: whatever changes what a view shows calls it once."""
        ...

    def set_public_address(self, address: str, problem: str = "") -> None: ...
    def put_account(self, user_id: str, *, email: str, endpoint: str, now: int) -> None: ...
    def delete_account(self, user_id: str) -> None:
        """With all that is stored of it: calendars, events, edits that wait, tasks, channels (stop those before)."""
        ...

    def set_default_user(self, user_id: str) -> None:
        """That account comes first from now on."""
        ...

    def set_window(self, user_id: str, window: Span) -> None: ...

    def put_calendar(self, user_id: str, calendar_id: str, resource: Resource, position: int) -> bool:
        """Insert or update from a CalendarListEntry; returns whether anything changed. Our own fields stay."""
        ...

    def delete_calendar(self, user_id: str, calendar_id: str) -> None:
        """With its events, index and channels' rows marked retiring."""
        ...

    def set_shown(self, user_id: str, calendar_id: str, shown: bool) -> None: ...
    def set_color(self, user_id: str, calendar_id: str, color: str) -> None:
        """`#rrggbb`, on this machine alone; '' is Google's own again."""
        ...

    def set_order(self, user_id: str, calendar_ids: Sequence[str]) -> None:
        """The user's order, on this machine alone; calendars that are not named keep their places."""
        ...

    def set_live_wanted(self, user_id: str, calendar_id: str, wanted: bool) -> None: ...
    def set_watchable(self, user_id: str, calendar_id: str, watchable: bool) -> None: ...
    def set_problem(self, user_id: str, calendar_id: str, problem: str) -> None: ...

    def mark_dirty(self, user_id: str, calendar_id: str) -> bool:
        """`dirty_seq + 1`; returns True when `queued` flipped from off to on: then a pull must be enqueued."""
        ...

    def clear_queued(self, user_id: str, calendar_id: str) -> None: ...
    def finish_pull(
        self, user_id: str, calendar_id: str, *, sync_token: str, fingerprint: str, synced_seq: int, now: int
    ) -> None:
        """Stores the token beside the rows that it stands for, and clears the problem."""
        ...

    def drop_sync_token(self, user_id: str, calendar_id: str) -> None: ...

    def count_death(self, user_id: str, calendar_id: str) -> int:
        """Counts one more; returns how many they are now."""
        ...

    def clear_deaths(self, user_id: str, calendar_id: str) -> None:
        """A worker survived it, or the user wants another try."""
        ...

    def set_compared_at(self, user_id: str, calendar_id: str, now: int) -> None:
        """In the transaction that swapped a full sync in."""
        ...

    def put_events(
        self,
        user_id: str,
        calendar_id: str,
        resources: Sequence[Resource],
        *,
        generation: int | None = None,
        unless_pushed_after: int | None = None,
        pushed: bool = False,
    ) -> Written:
        """Writes mirror rows; one whose etag is known already is left alone (PROTOCOL 25).

        A series that is deleted takes its exceptions along: were it restored, Google would list them anew.

        `pushed` stamps the rows with the calendar's next write sequence; with `unless_pushed_after`, rows that were
        stamped after that sequence was read are left alone too, and counted: the caller keeps the calendar dirty.
        """
        ...

    def begin_stage(self, user_id: str, calendar_id: str, *, fingerprint: str) -> Stage:
        """The full sync under way if it was begun with the same fingerprint, else a new one."""
        ...

    def keep_page_token(self, user_id: str, calendar_id: str, page_token: str | None) -> None:
        """Where the staging goes on after an interruption."""
        ...

    def abandon_stage(self, user_id: str, calendar_id: str) -> None: ...

    def swap_stage(self, user_id: str, calendar_id: str, stage: Stage) -> None:
        """Makes the staged generation the live one, in constant time; `sweep_generations` removes the old rows.

        Raises RuntimeError for a stage that was abandoned: its rows may be gone.
        """
        ...

    def sweep_generations(self, *, limit: int = 2_000) -> bool:
        """Deletes up to `limit` rows of generations that are neither live nor staged; returns whether more are."""
        ...

    # the shown index
    def replace_entries(
        self,
        user_id: str,
        calendar_id: str,
        entries: Mapping[str, Sequence[Entry]],
        *,
        generation: int | None = None,
    ) -> Span | None:
        """The new entries of each family for its old ones; the span that both cover (None: no entry at all)."""
        ...

    def replace_documents(
        self,
        user_id: str,
        calendar_id: str,
        documents: Mapping[str, Sequence[Document]],
        *,
        generation: int | None = None,
    ) -> None:
        """What each family can be found by, for what it could be found by before."""
        ...

    # the outbox
    def add_change(self, change: Change) -> Change:
        """Returns it with its `change_id`."""
        ...

    def put_steps(self, change_id: int, steps: Sequence[Step]) -> None: ...
    def set_change_state(
        self,
        change_id: int,
        state: ChangeState,
        *,
        reason: str = "",
        attempts: int | None = None,
        retry_at: int | None = None,
    ) -> None: ...
    def delete_change(self, change_id: int) -> None: ...

    def add_undo(self, entry: UndoEntry) -> None:
        """Drops what was undone before and could be redone: a new edit ends that line."""
        ...

    def set_undone(self, undo_id: int, undone: bool, *, change_id: int) -> None: ...
    def put_undo_steps(self, undo_id: int, *, forward: Sequence[Step], inverse: Sequence[Step]) -> None: ...
    def delete_undo(self, undo_id: int) -> None:
        """What it would take back was withdrawn."""
        ...

    # channels, tasks
    def put_channel(self, channel: Channel) -> None: ...
    def touch_channel(self, channel_id: str, *, last_message_at: int) -> None: ...
    def forget_channels(self, user_id: str, before: int) -> None:
        """Removes dead channels that were created before that time."""
        ...

    def put_task(self, task: Task) -> None: ...
    def update_task(self, task_id: str, **fields: Any) -> None:
        """Sets the given fields of `Task`; an unknown id is left alone."""
        ...

    def forget_tasks(self, before: int) -> None:
        """Removes finished tasks that ended before that time."""
        ...


class Store(Protocol):
    """The database. Both blocks nest within a thread: an inner one joins the outer."""

    def read(self) -> AbstractContextManager[ReadUnit]: ...
    def write(self, *, durable: bool = False) -> AbstractContextManager[WriteUnit]:
        """`durable` waits for the disk (SQLite: synchronous FULL): for the user's own edits."""
        ...

    def data_version(self) -> int:
        """A number that changes when another process has written (SQLite: PRAGMA data_version)."""
        ...

    def close(self) -> None:
        """Closes this thread's connection."""
        ...


class Lock(Protocol):
    """A named lock across processes that dies with its holder."""

    def hold(self, name: str) -> AbstractContextManager[bool]:
        """Yields whether it was free; does not wait."""
        ...


class Revision(Struct, frozen=True):
    """Which state of a user's data something was read from. Written `{database_id}:{number}` in the cache."""

    database_id: str
    number: int

    def __str__(self) -> str:
        return f"{self.database_id}:{self.number}"


class ViewName(Struct, frozen=True):
    """What a cached value is: a Redis hash `key` of a user and one `field` in it (DESIGN section 4)."""

    kind: Literal["events", "event", "user_calendars"]
    user_id: str
    field: str
    event_id: str = ""


class AgendaCache(Protocol):
    """Views of the database, correct under races; being away is not an error, only slower."""

    def view(self, name: ViewName, current: Revision, load: Callable[[], tuple[Revision, bytes]]) -> bytes:
        """The cached value if it is of `current`; else what `load` reads (once for many that ask), cached."""
        ...

    def invalidate(self, user_id: str, *, event_ids: Collection[str] = ()) -> None:
        """A hint: the revision alone already keeps stale values from being served."""
        ...

    def put_sync_token(self, user_id: str, calendar_id: str, sync_token: str) -> None: ...

    @property
    def away(self) -> bool:
        """Whether the last attempt did not reach the server."""
        ...


class ChangePublisher(Protocol):
    """Tells open screens; losing one is harmless, since readers compare revisions too."""

    def publish(self, news: News) -> None:
        """Never raises: with Redis away, screens notice by themselves."""
        ...


class ChangeFeed(Protocol):
    """The other end of `ChangePublisher`."""

    def follow(self, user_ids: Collection[str]) -> AsyncIterator[News | None]:
        """News as it comes, for ever; None when the connection was lost or is back (read everything again)."""
        ...


TaskName = Literal[
    "calendar.pull",
    "calendar.pull_list",
    "calendar.push",
    "calendar.watch",
    "calendar.unwatch",
    "calendar.backstop",
]


class TaskQueue(Protocol):
    """Hands tasks to the workers."""

    def send(self, name: TaskName, *, task_id: str, arguments: dict[str, Any], countdown_seconds: float = 0) -> None:
        """Raises `Transient` when the broker can't be reached."""
        ...

    def waiting(self) -> int:
        """How many tasks no worker has fetched yet. Raises `Transient` when the broker can't be reached."""
        ...


class Tunnel(Protocol):
    """How Google reaches our receiver."""

    def address(self) -> str | None:
        """The public base URL now (without path), or None: then there are no live updates."""
        ...

    @property
    def problem(self) -> str:
        """Why there is no address though one is wanted, for people (a msgid); '' while all is well."""
        ...


class Credentials(Protocol):
    """Where an account's secrets are; bound to the endpoint that issued them."""

    def load(self, user_id: str, endpoint: str) -> dict[str, Any] | None:
        """google-auth's authorized-user information, or None."""
        ...

    def save(self, user_id: str, endpoint: str, information: dict[str, Any]) -> None: ...
    def delete(self, user_id: str, endpoint: str) -> None: ...
    def version(self, user_id: str, endpoint: str) -> int:
        """Differs after each save and delete, whichever process did it. Cheap: asked before each request."""
        ...

    def hold(self, user_id: str, endpoint: str) -> AbstractContextManager[None]:
        """Keeps other threads and processes out of the same block: for load, renew and save as one. Waits.

        Raises `Transient` when it is not free in time.
        """
        ...


class ConsentRequest(Struct, frozen=True, kw_only=True):
    """A user is being asked for access. `verifier` is a secret (PKCE); `state` marks the answer as ours."""

    client: Client
    url: str
    state: str
    verifier: str
    redirect_uri: str
    scopes: tuple[str, ...]

    def __repr__(self) -> str:
        """Without what only we may know."""
        return f"ConsentRequest(redirect_uri={self.redirect_uri!r})"


class Authorizer(Protocol):
    """The sign-in of one endpoint. `ask` and `read_answer` do no I/O; the rest raises `Transient` when offline."""

    @property
    def endpoint(self) -> str:
        """The base URL that all of it is bound to."""
        ...

    def ask(
        self, client: Client, *, redirect_uri: str, scopes: Sequence[str], login_hint: str = ""
    ) -> ConsentRequest: ...
    def read_answer(self, request: ConsentRequest, answer: str) -> str:
        """The code in what came back: the whole address, its query, or the code alone. Raises `SignInFailed`."""
        ...

    def redeem(self, request: ConsentRequest, code: str) -> dict[str, Any]:
        """google-auth's authorized-user information for the code, with its `scopes`. Raises `SignInFailed`."""
        ...

    def find_address(self, information: Mapping[str, Any]) -> str:
        """Whose access it is: the id of the primary calendar, which is the account's address."""
        ...

    def revoke(self, information: Mapping[str, Any]) -> None:
        """Withdraws the grant; one that is gone already is fine."""
        ...
