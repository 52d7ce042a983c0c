#!/usr/bin/env bash
# Gradescope runs this once, when it builds the container; root, on Ubuntu or Debian.
set -euo pipefail
source="${AUTOGRADER_ROOT:-/autograder}/source"
home="${AUTOGRADER_HOME:-/opt/autograder}"

python=""
for version in 3.13 3.12 3.11; do
    if command -v "python$version" >/dev/null && "python$version" -c 'import ensurepip'; then
        python="python$version"
        break
    fi
done
if [ -z "$python" ]; then
    apt-get update
    for version in 3.12 3.11; do
        if apt-get install -y "python$version" "python$version-venv"; then
            python="python$version"
            break
        fi
    done
fi
"$python" -m venv "$home"
cd "$source"
"$home/bin/python" -m pip install --no-cache-dir --requirement requirements.txt
chmod -R go= "$source/course" # what is hidden belongs to root alone
