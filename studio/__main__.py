"""`python -m studio PHOTO --foreground TEXT --background TEXT`."""

import sys

from studio.cli import main

if __name__ == "__main__":
    sys.exit(main())
