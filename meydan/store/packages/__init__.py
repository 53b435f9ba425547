"""Android packages from strangers, read in a bounded child process. Pure: no Django, no database, nothing written."""

from meydan.store.packages.package import Package, require_signers
from meydan.store.packages.reading import read_package
from meydan.store.packages.refusals import Reason, Refused
from meydan.store.packages.trackers import TRACKERS, Purpose, Tracker

__all__ = [
    "TRACKERS",
    "Package",
    "Purpose",
    "Reason",
    "Refused",
    "Tracker",
    "read_package",
    "require_signers",
]
