#!/usr/bin/env bash
# Installs the benchmarks and agents that nobody here wrote, each with this project in an environment of its own, into
# ${CODEGYM_CACHE:-~/.cache/codegym-tests}/eval. Arguments: which of tau2, alfworld, inspect, agents (default: all).
# A second run with the same pins does nothing. Then, for instance: ~/.cache/codegym-tests/eval/tau2/bin/pytest -m benchmarks tests/eval
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
cache="${CODEGYM_CACHE:-$HOME/.cache/codegym-tests}/eval"
venv="$root/.venv/bin/python"
python="${PYTHON:-$([ -x "$venv" ] && echo "$venv" || command -v python3)}"

[ $# -gt 0 ] || set -- tau2 alfworld inspect agents
for name; do
    pins="$(cksum < "$here/$name.txt") $(cksum < "$root/pyproject.toml") $root $("$python" --version)"
    if [ "$(cat "$cache/$name/pins" 2>/dev/null)" = "$pins" ]; then
        echo "$cache/$name is up to date"
        continue
    fi
    rm -rf "${cache:?}/$name"
    mkdir -p "$cache"
    "$python" -m venv "$cache/$name"
    "$cache/$name/bin/pip" install --quiet --disable-pip-version-check -r "$here/$name.txt" -e "$root[dev]"
    echo "$pins" > "$cache/$name/pins"
    echo "$cache/$name is ready"
done
