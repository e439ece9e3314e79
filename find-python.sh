#!/bin/sh
# Prints the first Python 3.11 to 3.13 found: the versions TensorFlow has wheels for.
for python in python3 python3.13 python3.12 python3.11 python; do
    if "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        echo "$python"
        exit 0
    fi
done
found=$(python3 --version 2>&1 || echo "no python3")
echo "TinyML Lab needs Python 3.11, 3.12 or 3.13 (TensorFlow has no wheels for others); found: $found." >&2
echo "Install one of them, so that python3 or python3.12 is on the PATH, and run make again." >&2
exit 1
