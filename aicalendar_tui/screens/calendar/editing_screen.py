"""What changes events: creating, editing, moving, deleting, and taking back.

Edits wait for each other, so that they arrive in the order of the keys; none is cancelled by the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace
from textual.message import Message

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.drafts import copy_of, draft_at, keep_hour, moment_of, say_place
from aicalendar_tui.screens.calendar.entry_look import title_of
from aicalendar_tui.screens.calendar.live_screen import OWN_EDIT_SECONDS, Initial, LiveScreen
from aicalendar_tui.screens.calendar.sidebar import Sidebar
from aicalendar_tui.screens.calendar.state import moved_entry
from aicalendar_tui.screens.commands import COMMANDS
from aicalendar_tui.screens.gateway import Details, Gateway
from aicalendar_tui.screens.preferences import Preferences
from aicalendar_tui.screens.text import clean, cut

if TYPE_CHECKING:
    from aicalendar_tui.screens.editor import EditorResult

SOON_SECONDS = 15 * 60
"""How long before its start a call can be joined without being selected."""
Losses = Callable[[Scope], Awaitable[list[str]]]
"""Tells which changed instances an edit of that much of a series can't keep."""


class EditingScreen(LiveScreen):
    """The commands that act on the selected event, and their way to the gateway and back."""

    class DetailsRead(Message, bubble=False):
        """The event to act on was opened: None when it is gone. `then` is what the key was pressed for."""

        def __init__(self, details: Details | None, then: Callable[[Details], None]) -> None:
            super().__init__()
            self.details = details
            self.then = then

    class EditMade(Message, bubble=False):
        """The gateway took an edit. `toast` says so (or is ''), `select` is what to select, `kind` as in `_tell`."""

        def __init__(self, toast: str, select: EventKey | None = None, *, kind: str = "") -> None:
            super().__init__()
            self.kind = kind
            self.toast = toast
            self.select = select

    class EditRefused(Message, bubble=False):
        """The gateway could not do it; nothing changed."""

        def __init__(self, error: CalendarError) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        gateway: Gateway,
        *,
        initial: Initial | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__(gateway, initial=initial, preferences=preferences)
        self._edits = asyncio.Lock()
        self._grabbed: Entry | None = None
        self._clipboard: Details | None = None

    # events

    def action_details(self) -> None:
        """Open the selected event; put down what is held; open the day of a month."""
        if self._grabbed is not None:
            self._drop()
            return
        if self.state.anchor is not None:
            self.action_create_here()
            return
        entry = self.state.entry
        if entry is None:
            if self.state.view in ("month", "year"):
                self._show_view("day")
            return
        from aicalendar_tui.screens.details.screen import DetailsScreen

        details = DetailsScreen(self.gateway, entry.key, hour24=self._hour24, left=self._is_right_of_middle())
        self.app.push_screen(details, self._details_closed)

    def _is_right_of_middle(self) -> bool:
        """Whether what is selected stands in the right half of a view with several days beside each other."""
        days = self.state.days
        columns = min(len(days), 7)
        if self.state.view not in ("days", "week", "month") or columns < 2:
            return False
        return 2 * ((self.state.cursor.day - days.first).days % columns) >= columns - 1

    @property
    def _hour24(self) -> bool:
        return self.scene is None or self.scene.hour24

    def _details_closed(self, command: str | None) -> None:
        """The dialog may end in a command of the table, on the event it showed."""
        if command in {known.id for known in COMMANDS}:
            getattr(self, f"action_{command}")()

    def action_create(self) -> None:
        """A new event, from the form."""
        self.action_create_here()

    def action_create_here(self) -> None:
        """A new event at the cursor, or over the selected range."""
        calendar = self._calendar_for_new()
        if calendar is None:
            self._tell(_("No calendar to write to yet"), warning=True)
            return
        first, last = self.state.range()
        start: date | datetime = moment_of(first, self.state.zone)
        end: date | datetime = moment_of(last, self.state.zone)
        if self.state.view == "month" and self.state.anchor is not None:
            start, end = first.day, max(self.state.anchor, self.state.cursor).day + timedelta(days=1)
        self.state.anchor = None
        self._set_hints(())
        self._open_editor(None, start, end, calendar, self._create_from)

    def _calendar_for_new(self) -> Calendar | None:
        """The one that the sidebar's cursor is on, else the user's main one; never just the last one looked at."""
        writable = [calendar for calendar in self.state.calendars if calendar.writable]
        pointed = self.state.current_calendar if self.query_one(Sidebar).has_focus else None
        if pointed is not None and pointed.writable:
            return pointed
        return next((calendar for calendar in writable if calendar.primary), next(iter(writable), None))

    def action_edit(self) -> None:
        """The selected event in the form."""
        self._with_details(self._edit_details)

    def _edit_details(self, details: Details) -> None:
        event, key = details.event, details.key
        recurring = event.recurring_event_id is not None or bool(event.recurrence)

        def changed(result: "EditorResult") -> None:
            calendar, draft, notify = result.calendar, result.draft, result.notify
            if (calendar.user_id, calendar.calendar_id) != (key.user_id, key.calendar_id):
                self._move_and_change(details, calendar, draft, notify)
                return
            toast = _("{title} changed · u undoes").format(title=self._short_title(details))
            self._ask_scope(
                recurring,
                lambda scope: self._edit(
                    lambda: self.gateway.change(key, draft, scope=scope, notify=notify), toast, key
                ),
                losses=lambda scope: self.gateway.losses(key, draft, scope=scope),
                # How a series repeats is nothing that one of it could have to itself.
                only=("this", "following", "all") if draft.recurrence is UNSET else ("following", "all"),
            )

        self._open_editor(details, event.start, event.end, details.calendar, changed)

    def _move_and_change(self, details: Details, calendar: Calendar, draft: Draft, notify: Notify) -> None:
        """Into another calendar, and whatever else the form changed, as one edit; of a series all of it goes."""
        key = details.key
        title, name = self._short_title(details), cut(clean(calendar.summary), 40)

        async def move() -> EventKey:
            moved = await self.gateway.move(key, calendar, draft=draft, scope="all", notify=notify)
            return replace(moved, original_start=key.original_start)

        text = _("{title} moved to {calendar} · u undoes")
        if draft != Draft():
            text = _("{title} moved to {calendar} and changed · u undoes")
        toast = text.format(title=title, calendar=name)
        self._ask_scope(
            key.original_start is not None,
            lambda scope: self._edit(move, toast, key),
            losses=lambda scope: self.gateway.losses(key, draft, scope=scope),
            only=("all",),
        )

    def _open_editor(
        self,
        details: Details | None,
        start: Any,
        end: Any,
        calendar: Calendar,
        then: Callable[["EditorResult"], None],
    ) -> None:
        from aicalendar_tui.screens.editor.screen import EditorScreen

        editor = EditorScreen(
            self.gateway,
            calendars=[known for known in self.state.calendars if known.writable],
            details=details,
            start=start,
            end=end,
            calendar=calendar,
            hour24=self._hour24,
        )
        self.app.push_screen(editor, lambda result: then(result) if result else None)
        self.refresh_scene()

    def _create_from(self, result: "EditorResult") -> None:
        self._create(result.calendar, result.draft, notify=result.notify)

    def _create(self, calendar: Calendar, draft: Draft, *, notify: Notify = "none") -> None:
        async def create() -> EventKey:
            return await self.gateway.create(calendar, draft, notify=notify)

        title = clean(draft.summary) if isinstance(draft.summary, str) else ""
        self._edit(create, _("{title} created · u undoes").format(title=cut(title or _("(no title)"), 60)))

    def action_delete(self) -> None:
        """Without a question, except how much of a series; `u` brings it back."""
        entry = self.state.entry
        if entry is None:
            return self._nothing_selected()
        toast = _("{title} deleted · u undoes").format(title=cut(title_of(entry), 60))
        key = entry.key
        self._ask_scope(
            entry.recurring,
            lambda scope: self._edit(lambda: self.gateway.delete(key, scope=scope), toast, key),
            deleting=True,
        )
        return None

    def action_undo(self) -> None:
        """Take the newest edit back."""
        self._expect_own_changes()
        self._edit(self._undo, "")

    async def _undo(self) -> None:
        title = await self.gateway.undo()
        text = _("Nothing to undo") if title is None else _("Undone: {title}").format(title=cut(clean(title), 60))
        self.post_message(self.EditMade(text, kind="undo"))

    def action_redo(self) -> None:
        """Make the edit again that was taken back last."""
        self._expect_own_changes()
        self._edit(self._redo, "")

    async def _redo(self) -> None:
        title = await self.gateway.redo()
        text = _("Nothing to redo") if title is None else _("Redone: {title}").format(title=cut(clean(title), 60))
        self.post_message(self.EditMade(text, kind="undo"))

    def action_join(self) -> None:
        """The call of the selected event, else of one that runs or is about to start."""
        selected = entry = self.state.entry
        if entry is None or not entry.join_url:
            now = self.gateway.now().timestamp()
            calls = (e for e in self.state.today if e.join_url and not e.all_day)
            entry = next((e for e in calls if e.start - SOON_SECONDS <= now < e.end), None)
        if entry is None and selected is None:
            self._nothing_selected()
            return
        if entry is None:
            self._tell(_("No call to join"), warning=True)
            return
        self._open_link(entry.join_url, _("Joining {title}").format(title=cut(title_of(entry), 60)))

    def action_open(self) -> None:
        """The event's page at Google."""

        def open_page(details: Details) -> None:
            link = details.event.html_link
            if not link:
                self._tell(_("It has no page yet: it is not at Google"), warning=True)
                return
            self._open_link(link, _("Opening {title}").format(title=self._short_title(details)))

        self._with_details(open_page)

    def _open_link(self, link: str, toast: str) -> None:
        from aicalendar_tui.screens.browser import is_web_link, open_in_browser

        if not is_web_link(link):
            self._tell(_("Not a web address: {link}").format(link=cut(clean(link), 60)), warning=True)
            return
        self._tell(toast)
        self.run_worker(lambda: open_in_browser(link), thread=True, group="browser", exclusive=True)

    # moving

    def action_grab(self) -> None:
        """Take the selected event in the hand: hjkl, then Enter puts it down and Esc leaves it where it was."""
        entry = self._editable()
        if entry is None:
            return
        self._grabbed = self.state.ghost = entry
        self._show_grab()
        self.refresh_scene()

    def _show_grab(self) -> None:
        """When the event would be, and the keys that end it."""
        ghost = self.state.ghost
        if ghost is None:
            return
        when = say_place(ghost, self.state.zone, hour24=self.state.preferences.hour24)
        self._set_hints(((when, ""), ("h j k l", _("move")), ("Enter", _("put down")), ("Esc", _("cancel"))))

    def _end_grab(self) -> None:
        self._grabbed = self.state.ghost = None
        self._set_hints(())

    def _drop(self) -> None:
        before, ghost = self._grabbed, self.state.ghost
        self._end_grab()
        if before is not None and ghost is not None and before.span != ghost.span:
            self._place(before, ghost)
        self._moved()

    def action_move_left(self) -> None:
        """The event, a day back."""
        self._shift(days=-1)

    def action_move_right(self) -> None:
        """The event, a day on."""
        self._shift(days=1)

    def action_move_up(self) -> None:
        """The event, a row of the grid earlier."""
        self._shift(minutes=-self.state.slot_minutes)

    def action_move_down(self) -> None:
        """The event, a row of the grid later."""
        self._shift(minutes=self.state.slot_minutes)

    def action_shorten(self) -> None:
        """Its end, a row of the grid (or a day) earlier."""
        self._shift(minutes=-self.state.slot_minutes, resize=True)

    def action_lengthen(self) -> None:
        """Its end, a row of the grid (or a day) later."""
        self._shift(minutes=self.state.slot_minutes, resize=True)

    def _shift(self, *, days: int = 0, minutes: int = 0, resize: bool = False) -> None:
        entry = self._editable()
        if entry is None:
            return
        if entry.all_day and minutes:
            days, minutes = (1 if minutes > 0 else -1) if resize else 0, 0
        moved = moved_entry(entry, self.state.zone, days=days, minutes=minutes, resize=resize)
        if moved.span != entry.span:
            self._place(entry, moved)

    def _place(self, before: Entry, ghost: Entry) -> None:
        """Ask how much of the series, show it at once, and hand it to the gateway."""
        toast = _("{title} moved · u undoes").format(title=cut(title_of(before), 60))

        async def place(scope: Scope) -> None:
            details = await self.gateway.details(before.key)
            if details is not None:
                draft = draft_at(ghost, details.event, self.state.zone)
                await self.gateway.change(before.key, draft, scope=scope)

        async def losses(scope: Scope) -> list[str]:
            details = await self.gateway.details(before.key)
            if details is None:
                return []
            return await self.gateway.losses(before.key, draft_at(ghost, details.event, self.state.zone), scope=scope)

        def go(scope: Scope) -> None:
            self._show_at_once(ghost)
            self._edit(lambda: place(scope), toast, before.key)

        self._ask_scope(before.recurring, go, losses=losses)

    def _show_at_once(self, entry: Entry) -> None:
        """Put the entry where the user wants it, ahead of the gateway's own answer, so that keys can follow on."""
        agenda = self.state.agenda
        entries = tuple(entry if known.key == entry.key else known for known in agenda.entries)
        self.state.agendas.accept(replace(agenda, entries=entries))
        self.state.select(entry)
        self.refresh_scene()

    def action_copy(self) -> None:
        """Remember the selected event for P."""

        def remember(details: Details) -> None:
            self._clipboard = details
            self._tell(_("{title} copied · P pastes at the cursor").format(title=self._short_title(details)))

        self._with_details(remember)

    def action_paste(self) -> None:
        """The remembered event once more, at the cursor."""
        if self._clipboard is None:
            self._tell(_("Nothing copied yet: y copies"), warning=True)
            return
        event, slot = self._clipboard.event, self.state.cursor
        if self.state.view in ("month", "year", "agenda"):
            slot = keep_hour(event, slot, self.state.zone)
        self._add_copy(self._clipboard, copy_of(event, slot, self.state.zone))

    def action_duplicate(self) -> None:
        """The selected event once more, at the same time."""
        self._with_details(lambda details: self._add_copy(details, copy_of(details.event, None, self.state.zone)))

    def _add_copy(self, details: Details, draft: Draft) -> None:
        calendar = details.calendar
        if not calendar.writable:
            writable = [known for known in self.state.calendars if known.writable]
            if not writable:
                self._tell(_("No calendar to write to yet"), warning=True)
                return
            calendar = writable[0]
        self._create(calendar, draft)

    def _editable(self) -> Entry | None:
        entry = self.state.ghost or self.state.entry
        if entry is None:
            self._nothing_selected()
            return None
        calendar = self.state.calendar_of(entry.user_id, entry.calendar_id)
        if calendar is not None and not calendar.writable:
            self._tell(_("{name} can only be read").format(name=clean(calendar.summary)), warning=True)
            return None
        return entry

    def _nothing_selected(self) -> None:
        self._tell(_("No event selected: Tab goes to the next one"), warning=True)

    # edits

    def _edit(
        self, request: Callable[[], Awaitable[EventKey | None]], toast: str, key: EventKey | None = None
    ) -> None:
        """Ask the gateway for a change. Not exclusive: a change asked for is never cancelled by the next one."""
        if key is not None:
            self._own(key.event_id)
        self.run_worker(self._make_edit(request, toast), group="edits")

    async def _make_edit(self, request: Callable[[], Awaitable[EventKey | None]], toast: str) -> None:
        async with self._edits:
            try:
                created = await request()
            except CalendarError as error:
                self.post_message(self.EditRefused(error))
                return
        if toast:
            self.post_message(self.EditMade(toast, created))

    def _own(self, event_id: str) -> None:
        self._own_edits[event_id] = asyncio.get_running_loop().time() + OWN_EDIT_SECONDS

    def on_editing_screen_edit_made(self, message: EditMade) -> None:
        """Say it, and read what it changed without waiting for the news."""
        if message.select is not None:
            self._own(message.select.event_id)
            self.state.selected = message.select
        self._tell(message.toast, kind=message.kind)
        self._read_everything()

    def on_editing_screen_edit_refused(self, message: EditRefused) -> None:
        """Say why; show again how things really are."""
        self._tell_error(message.error)
        self._read_everything()

    def _with_details(self, then: Callable[[Details], None]) -> None:
        """Open the selected event, then do it."""
        entry = self.state.entry
        if entry is None:
            self._nothing_selected()
            return
        self._await()
        self.run_worker(self._read_details(entry.key, then), group="details", exclusive=True)

    async def _read_details(self, key: EventKey, then: Callable[[Details], None]) -> None:
        try:
            details = await self.gateway.details(key)
        except CalendarError as error:
            self.post_message(self.EditRefused(error))
            self._awaited()
            return
        self.post_message(self.DetailsRead(details, then))

    def on_editing_screen_details_read(self, message: DetailsRead) -> None:
        """Go on with what the key was pressed for."""
        if message.details is None:
            self._tell(_("This event is gone"), warning=True)
            self._read_everything()
        else:
            message.then(message.details)
        self._awaited()

    def _ask_scope(
        self,
        recurring: bool,
        then: Callable[[Scope], None],
        *,
        losses: Losses | None = None,
        only: tuple[Scope, ...] = ("this", "following", "all"),
        deleting: bool = False,
    ) -> None:
        """How much of the series; a single event has no question."""
        if not recurring:
            then("this")
            return
        from aicalendar_tui.screens.scope.screen import ScopeScreen

        dialog = ScopeScreen(losses=losses, only=only, deleting=deleting)
        self.app.push_screen(dialog, lambda scope: then(scope) if scope else None)

    @staticmethod
    def _short_title(details: Details) -> str:
        return cut(clean(details.event.summary) or _("(no title)"), 60)
