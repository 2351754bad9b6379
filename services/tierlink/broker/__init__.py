"""The embedded Apache Kafka: fetched, formatted, started and stopped as a child process; and topic creation."""
