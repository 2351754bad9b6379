"""One installation on one machine: its home folder, its configuration and its processes."""
