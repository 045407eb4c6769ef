"""One module for each group of commands: their options and their output, no logic."""
