"""iCalendar files (RFC 5545) as Google resources and back; the icalendar library lives here alone."""

from aicalendar_tui.backend.ics.reading import IcsFile, IcsProblem, parse_ics, read_ics
from aicalendar_tui.backend.ics.writing import write_ics

__all__ = ["IcsFile", "IcsProblem", "parse_ics", "read_ics", "write_ics"]
