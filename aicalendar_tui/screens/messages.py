"""Messages that pass between the app and whichever screen is on top; they say what happened, not what to do."""

from textual.message import Message

from aicalendar_tui.backend.domain.news import News


class NewsArrived(Message, bubble=False):
    """Something changed behind the gateway. `news` only names it: read again what you show.

    None means that the feed was interrupted: anything may have changed.
    """

    def __init__(self, news: News | None) -> None:
        super().__init__()
        self.news = news


class KeyHandled(Message):
    """Follows a key from widget to widget up to the app: when it arrives, the key before it has been acted on."""


class KeysAwaited(Message):
    """What a key asked for is here (`awaiting` of the screen is over): the keys after it may go on."""
