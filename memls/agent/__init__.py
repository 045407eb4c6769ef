"""The agent: a kernel that lets a model page code in and out until it can answer, citations checked."""
