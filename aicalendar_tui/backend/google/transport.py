"""HTTP connections that outlive a pause: servers close what is idle, and httplib2 does not always notice."""

from typing import Any

import httplib2


class Connections(httplib2.Http):
    """An `httplib2.Http` that leaves no dead connection behind and opens a new one in place of one gone stale.

    httplib2 itself does so only when the loss shows while the answer is read. A request with a body fails earlier,
    while it is sent; then the dead connection stayed, and each later request of the thread failed at it.
    Sending again is safe: inserts carry our own id, patches carry If-Match.
    """

    # Named by httplib2: the only place where a connection and the loss of it can be seen together.
    def _conn_request(self, conn: Any, *request: Any, **options: Any) -> Any:
        was_open = conn.sock is not None
        try:
            return super()._conn_request(conn, *request, **options)  # pyright: ignore[reportAttributeAccessIssue]  # untyped
        except ConnectionError:
            conn.close()
            if not was_open:
                raise
        except OSError:
            conn.close()
            raise
        return super()._conn_request(conn, *request, **options)  # pyright: ignore[reportAttributeAccessIssue]  # untyped
