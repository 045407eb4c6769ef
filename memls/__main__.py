"""`python -m memls` is the same as `memls`."""

from memls.cli import main

if __name__ == "__main__":
    main()
