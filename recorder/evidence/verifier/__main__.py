"""`python verify.pyz DIR`, and `python -m recorder.evidence.verifier DIR`."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
