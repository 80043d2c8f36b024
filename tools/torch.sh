#!/bin/sh
# Give the environment $1 the PyTorch of constraints.txt for the tests of training, if pip has its wheel on this disk.
# From an index it would be gigabytes, so it is not fetched from there: those tests are skipped and say so.
set -u

python=$1/bin/python
"$python" -c 'import torch' >/dev/null 2>&1 && exit 0

pip() { "$python" -m pip --disable-pip-version-check -q "$@"; }

if pip install --no-index --no-deps --dry-run -c constraints.txt torch >/dev/null 2>&1; then
    echo "Installing for the tests of training: PyTorch"
    pip install -c constraints.txt torch && exit 0
fi
echo "PyTorch is not on this disk; the tests of training are skipped."
exit 0
