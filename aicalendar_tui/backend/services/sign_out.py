"""Signing an account out: the grant is withdrawn where it was given, then the tokens go."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.backend.domain.errors import CalendarError, NotFound
from aicalendar_tui.backend.domain.news import CalendarChanged, ConnectionChanged
from aicalendar_tui.backend.ports import Authorizer, ChangePublisher, Credentials, Remotes, Store
from aicalendar_tui.backend.services.sign_in import CLIENT
from aicalendar_tui.backend.services.trouble import SIGNED_OUT


class SignedOut(Struct, frozen=True, kw_only=True):
    """`withdrawn` is False when the endpoint could not be told: the user can do it on Google's own page."""

    user_id: str
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class SignOut:
    """Events stay to be read, and edits stay in the outbox, unless the account is to be forgotten."""

    store: Store
    credentials: Credentials
    remotes: Remotes
    authorizer_at: Callable[[str], Authorizer]
    """The sign-in of an endpoint: a grant is withdrawn at the one that gave it, wherever we are pointed now."""
    publisher: ChangePublisher
    forget_cached: Callable[[str], int]

    def __call__(self, user_id: str, *, forget: bool = False) -> SignedOut:
        """`forget` removes all that is stored of the account, waiting edits too.

        Raises: NotFound for an unknown account, OSError when the tokens can't be removed.
        """
        with self.store.read() as unit:
            account = unit.account(user_id)
        if account is None:
            raise NotFound(f"there is no user {user_id!r}", code=404, reason="notFound")
        endpoint = account.endpoint
        self._stop_channels(user_id)
        with self.credentials.hold(user_id, endpoint):
            withdrawn = self._withdraw(user_id, endpoint)
            self.credentials.delete(user_id, endpoint)
        with self.store.write(durable=True) as unit:
            if forget:
                unit.delete_account(user_id)
            else:
                for calendar in unit.calendars(user_id):
                    unit.set_problem(user_id, calendar.calendar_id, SIGNED_OUT)
            revision = unit.bump_revision(user_id)
            left = unit.accounts()
        if forget:
            self._forget_rest(user_id, endpoint, is_last=all(other.endpoint != endpoint for other in left))
        self.publisher.publish(ConnectionChanged(user_id=user_id))
        self.publisher.publish(CalendarChanged(user_id=user_id, calendar_id="", revision=revision))
        return SignedOut(user_id=user_id, withdrawn=withdrawn)

    def _withdraw(self, user_id: str, endpoint: str) -> bool:
        information = self.credentials.load(user_id, endpoint)
        if not information:
            return True
        try:
            self.authorizer_at(endpoint).revoke(information)
        except CalendarError:
            return False
        return True

    def _stop_channels(self, user_id: str) -> None:
        """Best effort, while we still may: what is left ends by itself, and its messages change nothing."""
        with self.store.write() as unit:
            channels = unit.channels(user_id, states=("pending", "active", "retiring"))
            for channel in channels:
                unit.put_channel(replace(channel, state="retiring"))
        for channel in channels:
            try:
                if channel.resource_id:
                    self.remotes(user_id).stop_channel(channel_id=channel.channel_id, resource_id=channel.resource_id)
            except NotFound:
                pass  # gone already
            except CalendarError:
                return
            with self.store.write() as unit:
                unit.put_channel(replace(channel, state="dead"))

    def _forget_rest(self, user_id: str, endpoint: str, *, is_last: bool) -> None:
        if is_last:
            self.credentials.delete(CLIENT, endpoint)
        with suppress(CalendarError):  # with Redis away, what it held goes within CACHE_TTL_SECONDS
            self.forget_cached(user_id)
