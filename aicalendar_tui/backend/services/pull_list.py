"""Fetching the list of calendars of an account."""

from dataclasses import dataclass

from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Clock, Remotes, Store
from aicalendar_tui.backend.services.ledger import Ledger


@dataclass(frozen=True, slots=True)
class PullList:
    """Relists as a whole: property-only changes may not come through a sync token (PROTOCOL 24)."""

    store: Store
    remotes: Remotes
    cache: AgendaCache
    publisher: ChangePublisher
    ledger: Ledger
    clock: Clock
    live_by_default: bool = False
    """Whether a calendar that is new here gets live updates without being asked for."""

    def __call__(self, user_id: str) -> int:
        """Returns how many calendars changed, came or went; new ones are requested to be pulled."""
        remote = self.remotes(user_id)
        items = []
        page_token: str | None = None
        while True:
            page = remote.list_calendars(page_token=page_token)
            items += page.items
            page_token = page.next_page_token
            if page_token is None:
                break
        listed = [item for item in items if not item.get("deleted")]
        listed.sort(key=lambda item: not item.get("primary"))
        changed = 0
        with self.store.write() as unit:
            known = {calendar.calendar_id: calendar for calendar in unit.calendars(user_id)}
            for position, item in enumerate(listed):
                changed += unit.put_calendar(user_id, item["id"], item, position)
                if self.live_by_default and item["id"] not in known:
                    unit.set_live_wanted(user_id, item["id"], True)
            gone = known.keys() - {item["id"] for item in listed}
            for calendar_id in gone:
                unit.delete_calendar(user_id, calendar_id)
            revision = unit.bump_revision(user_id) if changed or gone else None
            waiting = [item for item in listed if unit.sync_state(user_id, item["id"]).sync_token is None]
        if revision is not None:
            self.cache.invalidate(user_id)
            self.publisher.publish(CalendarChanged(user_id=user_id, calendar_id="", revision=revision))
        for item in waiting:
            with self.store.write() as unit:
                must_enqueue = unit.mark_dirty(user_id, item["id"])
            subject = item.get("summaryOverride") or item.get("summary") or item["id"]
            if must_enqueue:
                self.ledger.request("calendar.pull", user_id, calendar_id=item["id"], subject=subject)
            if self.live_by_default and item["id"] not in known:
                self.ledger.request("calendar.watch", user_id, calendar_id=item["id"], subject=subject)
        return changed + len(gone)
