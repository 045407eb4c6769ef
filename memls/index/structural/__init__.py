"""Which types have an interface's methods without naming it, in languages where that is enough (Go)."""
