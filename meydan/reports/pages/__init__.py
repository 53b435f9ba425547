"""The HTML door of reports: parse, call, render."""
