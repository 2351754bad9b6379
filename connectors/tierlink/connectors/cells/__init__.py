"""Shared parsing of sheets and cells: from bytes to rows (readers), from rows to values (pure)."""
