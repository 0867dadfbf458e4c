"""When a pull waits, so that one list call answers many notifications; a single change never waits.

A notification says only "dirty", so how many came, and how fast, is all there is to go by: three of them a second may
be a script that edits, three hundred are a flood. Measured with both: docs/decisions/007-floods-are-paced.md.
"""

PAUSE_SECONDS = 2.0
"""How long a pull is put off; the change that waits longest is on the screen that much later."""
RESTED_SECONDS = 2
"""A calendar that was not pulled for so long is pulled at once, whatever came."""
BURST = 3
"""So many notifications since the last pull are a burst."""
MEANWHILE = 2
"""So many during a pull are one too: a pull takes milliseconds, and most changes come alone."""
FLOOD = 20
"""So many during one pause, and the pull waits on."""
FLOOD_SECONDS = 10
"""But never for longer than this after the last one."""
STREAM = 50
"""So many pulls may begin in `STREAM_SECONDS` without a pause, however evenly the changes come."""
STREAM_SECONDS = 60


def is_burst(*, pending: int, rested_seconds: int, begun: int) -> bool:
    """Whether a pull that begins should wait for more.

    `pending` notifications came since the last pull, `rested_seconds` ago; `begun` pulls began in `STREAM_SECONDS`.
    """
    return 0 <= rested_seconds < RESTED_SECONDS and pending > 0 and (pending >= BURST or begun >= STREAM)


def is_flood(*, came: int, rested_seconds: int) -> bool:
    """Whether a pull that waited `PAUSE_SECONDS` should wait on: `came` notifications came meanwhile."""
    return came >= FLOOD and 0 <= rested_seconds < FLOOD_SECONDS


def goes_on(*, meanwhile: int, waited: bool) -> bool:
    """Whether a pull that has ended is amid a burst: `meanwhile` came while it ran, and it had `waited` for one."""
    return meanwhile >= (1 if waited else MEANWHILE)
