"""Asks how much of a series an edit is about."""
