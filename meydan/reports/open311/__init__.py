"""Open311 GeoReport v2: the city's reports for other programs. A door of `reports`, of the same rank as `api`."""
