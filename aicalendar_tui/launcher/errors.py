"""What can go wrong between a program and the services it wants."""


class LauncherError(Exception):
    """The services can't be had; the text is one line that can be shown as it is."""


class RunFolderError(LauncherError):
    """The run folder can't be trusted or can't be made."""


class LaunchError(LauncherError):
    """The supervisor doesn't start."""


class LeaseTimeoutError(LauncherError):
    """A supervisor is there, but didn't answer in the time that was given."""
