"""`python -m generator` is `relance`."""

import sys

from generator.cli import main

sys.exit(main())
