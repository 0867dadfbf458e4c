"""aicalendar: Google Calendar in the terminal, always live, with edits that survive anything."""

__version__ = "0.1.0"
