"""Guests who have an account here get a copy, and their answers come back."""

from tests.unit.simulator.simulated_client import Client, reason_of


def test_a_guest_gets_a_copy_that_is_theirs(ana: Client, boris: Client) -> None:
    """The same id; self marks the guest; the organizer is somebody else."""
    event = ana.insert(summary="Lunch", attendees=[{"email": "boris@example.com"}])
    copy = boris.get(f"calendars/primary/events/{event['id']}")
    assert {"email": "ana@example.com"} == copy["organizer"]
    assert [{"email": "boris@example.com", "self": True, "responseStatus": "needsAction"}] == copy["attendees"]
    assert "self" not in event["attendees"][0]


def test_an_answer_reaches_the_organizer(ana: Client, boris: Client) -> None:
    """The guest sends the whole list back, unchanged but for the answer."""
    event = ana.insert(attendees=[{"email": "boris@example.com"}])
    answer = [{"email": "boris@example.com", "responseStatus": "accepted"}]
    boris.patch(event["id"], attendees=answer)
    seen = ana.get(f"calendars/primary/events/{event['id']}")
    assert ["accepted"] == [guest["responseStatus"] for guest in seen["attendees"]]


def test_a_guest_may_not_change_what_all_share(ana: Client, boris: Client) -> None:
    """Time and title are the organizer's; the own colour and reminders are not."""
    event = ana.insert(summary="Lunch", attendees=[{"email": "boris@example.com"}])
    path = f"calendars/primary/events/{event['id']}"
    assert (403, "forbiddenForNonOrganizer") == reason_of(boris.send("PATCH", path, {"summary": "Dinner"}))
    assert "5" == boris.patch(event["id"], colorId="5")["colorId"]
    boris.world.switches.guests_may_edit = True
    assert "Dinner" == boris.patch(event["id"], summary="Dinner")["summary"]


def test_deleting_declines_for_a_guest_and_cancels_for_the_organizer(ana: Client, boris: Client) -> None:
    """A guest's deletion is an answer; the organizer's ends all copies."""
    event = ana.insert(attendees=[{"email": "boris@example.com"}])
    path = f"calendars/primary/events/{event['id']}"
    boris.delete(event["id"])
    assert "declined" == ana.get(path)["attendees"][0]["responseStatus"]
    other = ana.insert(attendees=[{"email": "boris@example.com"}])
    ana.delete(other["id"])
    assert "cancelled" == boris.get(f"calendars/primary/events/{other['id']}")["status"]


def test_a_guest_who_is_uninvited_loses_the_event(ana: Client, boris: Client) -> None:
    """Their copy is cancelled."""
    event = ana.insert(attendees=[{"email": "boris@example.com"}])
    ana.patch(event["id"], attendees=[])
    assert "cancelled" == boris.get(f"calendars/primary/events/{event['id']}")["status"]


def test_a_moved_instance_moves_for_the_guests_too(ana: Client, boris: Client) -> None:
    """Exceptions of a series are copied as exceptions."""
    master = ana.insert(attendees=[{"email": "boris@example.com"}], recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    instance = f"{master['id']}_20261124T100000Z"
    ana.patch(instance, location="Room 4")
    assert "Room 4" == boris.get(f"calendars/primary/events/{instance}")["location"]
    ana.delete(f"{master['id']}_20261125T100000Z")
    assert "cancelled" == boris.get(f"calendars/primary/events/{master['id']}_20261125T100000Z")["status"]


def test_an_answer_to_one_instance_leaves_the_series_alone(ana: Client, boris: Client) -> None:
    """The organizer gets an exception with that answer."""
    master = ana.insert(attendees=[{"email": "boris@example.com"}], recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    instance = f"{master['id']}_20261124T100000Z"
    boris.patch(instance, attendees=[{"email": "boris@example.com", "responseStatus": "declined"}])
    answers = [
        ana.get(f"calendars/primary/events/{event_id}")["attendees"][0]["responseStatus"]
        for event_id in (instance, master["id"])
    ]
    assert ["declined", "needsAction"] == answers
