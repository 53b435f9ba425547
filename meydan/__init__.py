"""Meydan: a civic super-app that a city hosts itself."""

__version__ = "0.1.0"
