"""The index of one repository: built from source, searched by name, text, pattern and relevance."""
