"""The ``tierlink`` command line."""
