"""`python -m vcam.cli` is `garim`."""

from __future__ import annotations

import sys

from vcam.cli import main

sys.exit(main())
