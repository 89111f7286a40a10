"""What does a person see, and decide, at a browser? Pages; they work without JavaScript."""

from remit.console.mounting import mount_console

__all__ = ["mount_console"]
