"""News for open screens, written to a stream that each of them reads from where it stopped."""

from typing import Final

import msgspec

from aicalendar_tui.backend.cache.keys import changes_key
from aicalendar_tui.backend.cache.link import CommandRefused, RedisLink, ServerAway, link_to
from aicalendar_tui.backend.domain.news import News

STREAM_LENGTH: Final = 1_000
"""About how many news are kept; a reader that was away for longer reads everything again anyway."""

NEWS_FIELD: Final = "news"
"""The field of a stream entry that holds the news as JSON."""

_decoder = msgspec.json.Decoder(News)


class RedisChangePublisher:
    """`ports.ChangePublisher`; a server that is away is not waited for."""

    def __init__(self, server: str | RedisLink) -> None:
        self._link = link_to(server)

    def publish(self, news: News) -> None:
        """XADD; losing one is harmless, since screens also compare revisions."""
        entry = {NEWS_FIELD: msgspec.json.encode(news)}
        try:
            self._link.call(
                lambda client: client.xadd(
                    changes_key(news.user_id),
                    entry,  # type: ignore[arg-type] # redis-py's invariant dict of unions
                    maxlen=STREAM_LENGTH,
                    approximate=True,
                )
            )
        except (ServerAway, CommandRefused):
            return  # screens notice by themselves


def decode_news(entry: dict[bytes, bytes]) -> News | None:
    """The news in a stream entry; None for what we can't read: another version's, or made by hand."""
    try:
        return _decoder.decode(entry[NEWS_FIELD.encode()])
    except (KeyError, msgspec.MsgspecError):
        return None
