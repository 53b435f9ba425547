"""Every write to identity, by what it is about."""
