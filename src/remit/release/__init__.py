"""Which version answers? Releases: frozen, named by their content, thawed for runs pinned to them."""

from remit.release.freezing import FrozenScope, Release, Thawed, basis_of, freeze, thaw

__all__ = ["FrozenScope", "Release", "Thawed", "basis_of", "freeze", "thaw"]
