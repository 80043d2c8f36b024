#!/bin/sh
# Make a virtual environment in the folder $1 with the newest Python found that Garim takes (3.11 or later).
set -eu

for name in python3.14 python3.13 python3.12 python3.11 python3 python; do
    command -v "$name" >/dev/null 2>&1 || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    if ! "$name" -c 'import ensurepip, venv' 2>/dev/null; then
        # Debian and Ubuntu ship these two in a package of their own.
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            apt-get update -q >/dev/null && apt-get install -y -q "python$version-venv" >/dev/null || continue
        else
            echo "$name lacks the module venv: on Debian or Ubuntu, apt-get install python3-venv" >&2
            continue
        fi
    fi
    rm -rf "$1"
    exec "$name" -m venv "$1"
done
echo "No Python 3.11 or later with the module venv was found; install one." >&2
exit 1
