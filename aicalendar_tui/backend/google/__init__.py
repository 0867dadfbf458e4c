"""Google Calendar behind the ports: googleapiclient, google-auth and httplib2 live here alone."""

from aicalendar_tui.backend.google.calendar import GoogleCalendar
from aicalendar_tui.backend.google.endpoint import GOOGLE, Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes

__all__ = ["GOOGLE", "Endpoint", "GoogleCalendar", "GoogleRemotes"]
