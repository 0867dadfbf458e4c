"""The small supervisor of the services, and the leases that keep it alive.

`acquire` in `lease.py` is the way in for whoever needs the services; `services.py` says which they are.
Everything here is the standard library's lighter half: the supervisor's own memory is part of what
the user pays for an idle calendar.
"""
