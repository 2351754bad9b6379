"""Carrier status connector: milestones of shipments as carriers report them."""
