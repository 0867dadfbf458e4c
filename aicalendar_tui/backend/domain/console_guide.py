"""The way through Google's console to a client file: what, where, which buttons. Commands and screens show it."""

from typing import NamedTuple

from aicalendar_tui.i18n import N_


class GuideStep(NamedTuple):
    """One page of the console; `title` and `buttons` are messages to translate."""

    title: str
    address: str
    buttons: str


GUIDE = (
    GuideStep(N_("Make a project"), "https://console.cloud.google.com/projectcreate", N_("Any name; “Create”.")),
    GuideStep(
        N_("Switch the Calendar API on"),
        "https://console.cloud.google.com/apis/library/calendar-json.googleapis.com",
        N_("Check that your project is chosen at the top; “Enable”."),
    ),
    GuideStep(
        N_("Say who the program is for"),
        "https://console.cloud.google.com/auth/overview",
        N_("“Get started”; a name, your address; audience “External” (“Internal” in a Workspace); “Create”."),
    ),
    GuideStep(
        N_("Publish it"),
        "https://console.cloud.google.com/auth/audience",
        N_(
            "“Publish app”. While it is “Testing”, add yourself under “Test users”, and sign in again every seven "
            "days: Google ends test sign-ins after a week. No verification is needed for your own use."
        ),
    ),
    GuideStep(
        N_("Make the client file"),
        "https://console.cloud.google.com/auth/clients/create",
        N_("Application type “Desktop app”; “Create”; then “Download JSON”, now: the secret is shown only once."),
    ),
)
UNVERIFIED_HINT = N_(
    "Google will say that it hasn't verified this app: it is yours. “Advanced”, then “Go to …”, then tick every box."
)
"""What to expect on Google's own pages, once the client is there."""
