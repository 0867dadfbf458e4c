"""Every key, by what it is for."""
