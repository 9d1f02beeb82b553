"""`python -m chipassay` is the command `chipassay`."""

from chipassay.cli import main

if __name__ == "__main__":
    main()
