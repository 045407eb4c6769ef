"""Questions and rules about a repository, with what is expected of them: `memls check`."""
