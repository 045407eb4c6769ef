"""memls: answers questions about a code base of any size through a model window of any size."""

__version__ = "0.1.0"
