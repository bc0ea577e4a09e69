#!/usr/bin/env bash
# The unit tests under every supported version of Python that this computer has: `make test-pythons`.
#
# The versions are those in pyproject.toml, each is looked for on the path and where pyenv keeps it, and each has an
# environment of its own (.venv-3.12, …), kept for the next time. At the end it says which were tested and which were
# not found. `--find` only looks for them; `--others` leaves out that of .venv, whose tests are those of `make test`.
set -euo pipefail
cd "$(dirname "$0")/../.."
versions=$(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml)

is_version() {  # whether a program is Python of that version; the shims of pyenv may be on the path and fail
    [ "$("$2" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null)" = "$1" ]
}

find_python() {
    for program in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if is_version "$1" "$program"; then
            command -v "$program"
            return
        fi
    done
}

outcomes=() failed=0
for version in $versions; do
    python=$(find_python "$version")
    if [ "${1:-}" = "--others" ] && is_version "$version" .venv/bin/python; then
        outcomes+=("Python $version: see make test")
    elif [ -z "$python" ]; then
        outcomes+=("Python $version: not found, not tested")
    elif [ "${1:-}" = "--find" ]; then
        outcomes+=("Python $version: $python")
    elif make --no-print-directory test-unit VENV=".venv-$version" PYTHON="$python"; then
        outcomes+=("Python $version: passed")
    else
        outcomes+=("Python $version: FAILED")
        failed=1
    fi
done
printf '%s\n' "${outcomes[@]}"
exit $failed
