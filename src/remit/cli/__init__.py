"""What does a person type? The command `remit`: it asks the rooms below and shows what they say."""

from remit.cli.entry import main

__all__ = ["main"]
