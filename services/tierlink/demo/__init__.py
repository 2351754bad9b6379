"""The demonstration: sample files of one tier-1, three suppliers and a carrier, and the run that shows them."""
