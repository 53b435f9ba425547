"""Meydan: a civic super-app that a city hosts itself."""

import zoneinfo

__version__ = "0.1.0"
zoneinfo.reset_tzpath(to=())
"""Time zones are those that are pinned (tzdata), not the machine's, which are often a year old: the database has new
ones of its own, and a city whose clocks have been changed by law had two different days."""
