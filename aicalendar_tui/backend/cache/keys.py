"""The names under which things are kept in Redis, fit to be read and deleted by hand."""

from aicalendar_tui.backend.ports import ViewName

REVISION = "revision"
"""The field of a hash that says which state of the database its other fields show."""


def events_key(user_id: str) -> str:
    """The hash of a user's views, one field each."""
    return f"calendar:events:{_segment(user_id)}"


def event_key(user_id: str, event_id: str) -> str:
    """The hash of one event, a field for each calendar that has it."""
    return f"calendar:event:{_segment(user_id)}:{event_id}"


def user_calendars_key(user_id: str) -> str:
    """The hash with a user's list of calendars."""
    return f"calendar:user_calendars:{_segment(user_id)}"


def sync_token_key(user_id: str) -> str:
    """The hash with copies of a user's sync tokens, by calendar."""
    return f"calendar:sync_token:{_segment(user_id)}"


def changes_key(user_id: str) -> str:
    """The stream of a user's news."""
    return f"calendar:changes:{_segment(user_id)}"


def view_key(name: ViewName) -> str:
    """The hash that a view is a field of."""
    match name.kind:
        case "events":
            return events_key(name.user_id)
        case "event":
            return event_key(name.user_id, name.event_id)
        case "user_calendars":
            return user_calendars_key(name.user_id)


def view_field(name: ViewName) -> str:
    """The field as it is, unless a calendar's id could pass for the revision."""
    field = name.field.replace("%", "%25")
    return f"%{field}" if field == REVISION else field


def event_pattern(user_id: str) -> str:
    """The glob for SCAN that matches all event keys of this user and of nobody else."""
    prefix = event_key(user_id, "")
    return "".join(f"\\{letter}" if letter in "*?[]\\^-" else letter for letter in prefix) + "*"


def _segment(user_id: str) -> str:
    """A user id that can't reach into the next segment: no colon in it, the rest as it is."""
    return user_id.replace("%", "%25").replace(":", "%3A")
