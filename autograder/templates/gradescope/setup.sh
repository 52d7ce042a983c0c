#!/usr/bin/env bash
# Gradescope runs this once, when it builds the container: as root, on Ubuntu or Debian. uv brings
# the Python that this was made with; the system's is often too old.
set -euo pipefail
source="${AUTOGRADER_ROOT:-/autograder}/source"
home="${AUTOGRADER_HOME:-/opt/autograder}"
export UV_PYTHON_INSTALL_DIR="$home/pythons"

if ! python3 -c 'import ensurepip'; then
    apt-get update
    apt-get install -y python3-venv
fi
python3 -m venv "$home/uv"
"$home/uv/bin/python" -m pip install uv
"$home/uv/bin/uv" venv --python '@python@' "$home/python"
cd "$source"
"$home/uv/bin/uv" pip install --python "$home/python" --compile-bytecode \
    --requirement requirements.txt
chmod -R go= "$source/course" # what is hidden belongs to root alone
