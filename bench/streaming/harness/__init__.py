"""What runs the engines, and what is measured of them."""
