"""Which version answers? Releases: frozen, named by their content, thawed for runs pinned to them."""

from remit.release.freezing import Release, Thawed, freeze, thaw

__all__ = ["Release", "Thawed", "freeze", "thaw"]
