"""Android packages from strangers, read in a bounded child process. Pure: no Django, no database, nothing written."""

from meydan.store.packages.package import Package, require_signers
from meydan.store.packages.reading import read_package
from meydan.store.packages.refusals import Reason, Refused

__all__ = ["Package", "Reason", "Refused", "read_package", "require_signers"]
