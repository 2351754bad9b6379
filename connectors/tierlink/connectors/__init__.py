"""Connectors: files and feeds of other systems become canonical events."""
