"""Which version answers? Releases: frozen, named by their content, thawed for runs pinned to them."""

from remit.release.freezing import Release, Thawed, basis_of, freeze, thaw

__all__ = ["Release", "Thawed", "basis_of", "freeze", "thaw"]
