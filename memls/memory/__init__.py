"""MemGPT's memory for code: main context (window, queue, pages) and what lies outside (recall, archive)."""
