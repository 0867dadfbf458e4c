"""Answering invitations, and telling others when there is time."""
