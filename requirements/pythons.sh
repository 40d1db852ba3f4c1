#!/bin/sh
# Lists the Pythons of this machine that can run the project: one line "MINOR PATH" per minor version, 3.11 and later.
# Each is really started, because a name on PATH may be a shim of a version that is not installed.
set -u

probe='
import sys
if sys.version_info < (3, 11):
    raise SystemExit(1)
import ensurepip, venv
print("%d.%d %s" % (*sys.version_info[:2], sys.executable))
'

candidates() {
    for name in python3.13 python3.12 python3.11 python3 python3.14 python3.15; do
        command -v "$name" 2>/dev/null
    done
    for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin/python3 \
        "$HOME"/.local/share/uv/python/*/bin/python3 /usr/local/bin/python3.1? /usr/bin/python3.1?; do
        [ -x "$path" ] && echo "$path"
    done
}

# awk keeps the first of each minor version: what PATH prefers wins over what lies about.
candidates | while read -r python; do
    "$python" -c "$probe" 2>/dev/null </dev/null
done | awk '!seen[$1]++'
