"""The form in which an event is made and changed."""
