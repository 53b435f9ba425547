"""The messenger: rooms, events and devices, by the Matrix client-server API."""
