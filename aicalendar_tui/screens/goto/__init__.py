"""Go to a date, typed in words."""
