"""Every accepted reading, kept for people who ask later: one query API over SQLite and InfluxDB."""
