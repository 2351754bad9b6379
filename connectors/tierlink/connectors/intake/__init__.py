"""Intake: from a file in a watched folder to events in an outbox, with nothing lost and nothing doubled."""
