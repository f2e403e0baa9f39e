#!/bin/bash
# Fetch Debian's arm64 kernel and Python for the emulated tests, with an apt state of its own: this system's own
# package lists and architectures stay as they are. Needs a Debian system; nothing is installed, no root is needed.
set -euo pipefail
target=$HOME/.cache/codegym-mcp/aarch64
mkdir -p "$target"/apt/{state/lists/partial,cache/archives/partial} "$target/debs" "$target/root"
touch "$target/apt/status"
options=(
    -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User="$(id -un)"
    -o Dir::State="$target/apt/state" -o Dir::State::status="$target/apt/status" -o Dir::Cache="$target/apt/cache"
)
apt-get "${options[@]}" update
meta=$(apt-cache "${options[@]}" search --names-only '^linux-image-[0-9.]+-cloud-arm64$' | awk '{print $1}' |
    grep -E '^linux-image-[0-9]+\.[0-9]+-cloud' | sort -V | tail -1) || meta=linux-image-cloud-arm64
kernel=$(apt-cache "${options[@]}" depends "$meta" | awk '/Depends: linux-image/ {print $2; exit}')
python=$(apt-cache "${options[@]}" depends python3-minimal | awk '/Depends: python3\.[0-9]+-minimal/ {print $2; exit}')
cd "$target/debs"
rm -f ./*.deb
apt-get "${options[@]}" download "$kernel" "$python" "lib$python" "lib${python%-minimal}-stdlib" libc6 libffi8 zlib1g libexpat1
dpkg-deb --fsys-tarfile linux-image*.deb | tar -x -C "$target" --strip-components=2 --wildcards './boot/vmlinuz*'
mv "$target"/vmlinuz-* "$target/vmlinuz"
for deb in [!l]*.deb lib*.deb; do
    dpkg-deb -x "$deb" "$target/root"
done
ls -l "$target/vmlinuz" "$target"/root/usr/bin/python3.*
