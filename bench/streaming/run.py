"""One command for all of it: ``python bench/streaming/run.py``. How to read the result: README.md beside this file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from harness.bench import main

if __name__ == "__main__":
    sys.exit(main(argparse.ArgumentParser(description=__doc__)))
