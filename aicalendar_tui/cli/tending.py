"""`token` and `cache clear`: small things around the services."""

import json
from typing import TYPE_CHECKING

from aicalendar_tui.cli.report import OK, CommandError
from aicalendar_tui.i18n import _

if TYPE_CHECKING:
    from aicalendar_tui.cli.context import Context


def print_token(context: "Context") -> int:
    """Alone on its line, for `$(aicalendar token)`; made if there is none yet. Raises CommandError, SettingsError."""
    from aicalendar_tui.settings.api_token import read_api_token

    folders = context.settings.folders
    if context.options.address:
        try:
            context.output.line(json.loads(folders.api_addresses.read_bytes())["local"])
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(_("the services are not running; start them: aicalendar serve")) from error
        return OK
    folders.create()
    context.output.line(read_api_token(folders.api_token))
    return OK


def clear_cache(context: "Context") -> int:
    """Of one user or of all; harmless at any time, since the database has everything."""
    services = context.services
    wanted = context.options.user
    users = [services.resolve_user(wanted)] if wanted else [account.user_id for account in services.accounts()]
    for user_id in users:
        services.invalidate_user_cache(user_id)
        context.output.line(_("The cached views of {user} are forgotten.").format(user=user_id))
    return OK
