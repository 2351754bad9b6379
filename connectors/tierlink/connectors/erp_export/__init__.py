"""ERP export connector: purchase orders and goods receipts as the buyer's ERP lists them."""
