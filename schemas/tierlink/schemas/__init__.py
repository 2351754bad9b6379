"""What travels on topics: the contract between connectors, processors, projector and subscribers."""
