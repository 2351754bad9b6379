"""From topics to the read model: the only writer of the SQL tables."""
