"""Stream processors: thin shells around the pure core. On-time delivery and inventory turnover."""
