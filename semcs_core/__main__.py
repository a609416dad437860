"""`python -m semcs_core PHOTO --foreground TEXT --background TEXT`."""

import sys

from semcs_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
