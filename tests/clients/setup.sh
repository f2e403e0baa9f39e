#!/usr/bin/env bash
# Installs MCP clients that nobody here wrote, and the conformance suites, into ${CODEGYM_CACHE:-~/.cache/codegym-tests}.
# Needs npm (Node 20 or newer; Node 22 for the clients comes as a package) and Python. A second run with the same pins does nothing.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
cache="${CODEGYM_CACHE:-$HOME/.cache/codegym-tests}"
venv="$here/../../.venv/bin/python"
python="${PYTHON:-$([ -x "$venv" ] && echo "$venv" || command -v python3)}"
pins="$(cat "$here"/{package.json,package-lock.json,fastmcp.txt,mcp1.txt} | cksum) $("$python" --version)"

if [ "$(cat "$cache/pins" 2>/dev/null)" = "$pins" ]; then
    echo "$cache is up to date"
    exit 0
fi
command -v npm >/dev/null || { echo "npm is missing: install Node 20 or newer" >&2; exit 1; }
mkdir -p "$cache"
rm -f "$cache/pins"

cp "$here"/package.json "$here"/package-lock.json "$cache"
(cd "$cache" && npm ci --loglevel=error --no-audit --no-fund)

for name in fastmcp mcp1; do # fastmcp brings mcp 2, langchain-mcp-adapters wants mcp 1
    rm -rf "${cache:?}/$name"
    "$python" -m venv "$cache/$name"
    "$cache/$name/bin/pip" install --quiet --disable-pip-version-check -r "$here/$name.txt"
done

"$cache/node_modules/.bin/node" --version
echo "$pins" > "$cache/pins"
echo "$cache is ready"
