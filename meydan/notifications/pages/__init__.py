"""The HTML door of notifications."""
