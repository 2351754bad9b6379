"""Excel ledger connector: the books a supplier already keeps, as they are."""
