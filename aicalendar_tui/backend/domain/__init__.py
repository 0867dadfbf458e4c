"""Pure values and rules of a calendar: no I/O, no clock, no framework."""
