"""Two language servers on the same positions of one repository. `benchmarks/servers.py` is its command."""
