#!/usr/bin/env bash
# Installs the trainers that the adapters are for, each in an environment of its own, into
# ${CODEGYM_CACHE:-~/.cache/codegym-tests}/adapters. Arguments: which (default: verifiers openenv verl).
# `skyrl` is extra: it needs Python 3.12 or newer (PYTHON312=/path/to/python3.12). A second run with the same pins does nothing.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
cache="${CODEGYM_CACHE:-$HOME/.cache/codegym-tests}/adapters"
venv="$here/../../.venv/bin/python"
python="${PYTHON:-$([ -x "$venv" ] && echo "$venv" || command -v python3)}"
torch="torch==2.13.0" # before anything that wants it: where a CPU build is at hand, pip takes that one

[ $# -gt 0 ] || set -- verifiers openenv verl
for name; do
    base="$python"
    [ "$name" != skyrl ] || base="${PYTHON312:-python3.12}"
    pins="$(cksum < "$here/$name.txt") $torch $("$base" --version)"
    if [ "$(cat "$cache/$name/pins" 2>/dev/null)" = "$pins" ]; then
        echo "$cache/$name is up to date"
        continue
    fi
    rm -rf "${cache:?}/$name"
    mkdir -p "$cache"
    "$base" -m venv "$cache/$name"
    install=("$cache/$name/bin/pip" install --quiet --disable-pip-version-check)
    [ "$name" = verifiers ] || "${install[@]}" "$torch"
    "${install[@]}" -r "$here/$name.txt"
    echo "$pins" > "$cache/$name/pins"
    echo "$cache/$name is ready"
done
