#!/bin/bash
# Fetch Debian's arm64 kernel and Python for the emulated tests, with an apt state of its own: this system's own
# package lists and architectures stay as they are. Needs a Debian system; nothing is installed, no root is needed.
set -euo pipefail
target=${CODEGYM_CACHE:-$HOME/.cache/codegym-tests}/aarch64
mkdir -p "$target"/apt/{state/lists/partial,cache/archives/partial}
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
binary=$(apt-cache "${options[@]}" depends "$kernel" | awk '/Depends: linux-binary/ {print $2}') # since Debian 14

rm -rf "$target/root" "$target/debs"
mkdir "$target/root" "$target/debs"
cd "$target/debs"
apt-get "${options[@]}" download "$kernel" $binary \
    "$python" "lib$python" "lib${python%-minimal}-stdlib" libc6 libffi8 zlib1g libexpat1
for deb in linux-*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './boot/vmlinuz*' './usr/lib/modules/*/vmlinuz' 2>/dev/null || true
done >"$target/vmlinuz"
rm linux-*.deb
for deb in *.deb; do
    dpkg-deb -x "$deb" "$target/root"
done
[ -e "$target/root/lib" ] || ln -s usr/lib "$target/root/lib"
ls -l "$target/vmlinuz" "$target"/root/usr/bin/python3.*
