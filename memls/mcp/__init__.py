"""`memls mcp`: look-ups and checked answers as tools of other agents. The only package that knows the SDK."""
