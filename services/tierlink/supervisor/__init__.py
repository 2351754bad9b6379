"""Keeping the processes of one installation running: start in order, watch, restart, stop without orphans."""
