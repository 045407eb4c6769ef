"""One process owns a repository's databases; every other forwards to it.

Whoever gets DuckDB's lock is the owner and serves a private local socket (`host`); every other process on the
machine connects to it (`link`). When the owner ends, the lock is free, and the next that tries is the owner.
Editors hold a repository for long (`access`), commands briefly (`client`).
"""
