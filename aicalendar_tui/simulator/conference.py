"""Video calls: a create request becomes a Google Meet link."""

from __future__ import annotations

from typing import Any

from aicalendar_tui.simulator.errors import invalid
from aicalendar_tui.simulator.world import Resource, World

_LETTERS = "abcdefghijkmnopqrstuvwxyz"


def build_meet(code: str, request_id: str) -> Resource:
    """The conference data of a Meet call, e.g. code `abc-defg-hij`."""
    uri = f"https://meet.google.com/{code}"
    return {
        "createRequest": {
            "requestId": request_id,
            "conferenceSolutionKey": {"type": "hangoutsMeet"},
            "status": {"statusCode": "success"},
        },
        "entryPoints": [
            {"entryPointType": "video", "uri": uri, "label": uri.removeprefix("https://")},
        ],
        "conferenceSolution": {
            "key": {"type": "hangoutsMeet"},
            "name": "Google Meet",
            "iconUri": "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/web-512dp/logo_meet_2020q4_color_2x_web_512dp.png",
        },
        "conferenceId": code,
    }


def make_meet_code(world: World) -> str:
    """A new call's code: three, four and three letters."""
    return "-".join("".join(world.random.choices(_LETTERS, k=length)) for length in (3, 4, 3))


def finish_conference(
    world: World, resource: Resource, given: Any, *, present: Resource | None, version: int
) -> None:
    """Settle an event's conference data: version 0 of it ignores what the client sent.

    Raises:
        ApiError: 400, the request for a call has no id.
    """
    if version == 0:
        return
    if given is None:
        resource.pop("conferenceData", None)
        resource.pop("hangoutLink", None)
        return
    request = given.get("createRequest")
    if request is not None and "entryPoints" not in given:
        request_id = request.get("requestId") if isinstance(request, dict) else None
        if not isinstance(request_id, str) or not request_id:
            raise invalid("Invalid conference type value.", parameter="conferenceData")
        if present is not None and present.get("createRequest", {}).get("requestId") == request_id:
            settled = present  # the same request again makes no second call
        else:
            settled = build_meet(make_meet_code(world), request_id)
    else:
        settled = given
    points = settled.get("entryPoints", [])
    solution = settled.get("conferenceSolution", {})
    key = solution.get("key", {}) if isinstance(solution, dict) else None
    if not isinstance(points, list) or not isinstance(key, dict):
        raise invalid("Invalid value for: conferenceData.", parameter="conferenceData")
    resource["conferenceData"] = settled
    videos = [
        point.get("uri") for point in points if isinstance(point, dict) and point.get("entryPointType") == "video"
    ]
    if videos and key.get("type") == "hangoutsMeet":
        resource["hangoutLink"] = videos[0]
