#!/usr/bin/env bash
# The models on an NVIDIA card beside the CPU, and beside PyTorch where it is installed.
#
# On a machine with Rust, `benches/gpu.sh` builds the program twice, with the feature `cuda` and with `vulkan`, and packs
# both with this script into target/gpu/thalweg-gpu.tar.gz. On the machine with the card, bare x86-64 Linux is enough:
#
#     tar xzf thalweg-gpu.tar.gz && thalweg-gpu/gpu.sh
#
# `cuda` needs the driver, and NVRTC with CUDA's headers (PyTorch brings both; else Debian's nvidia-cuda-toolkit, or
# `pip install nvidia-cuda-nvrtc-cu12 nvidia-cuda-runtime-cu12`). `vulkan` needs the driver and Debian's libvulkan1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

build() {
    cd "$here/.."
    local packed=target/gpu/thalweg-gpu
    rm -rf "$packed"
    mkdir -p "$packed"
    for backend in cuda vulkan; do
        echo "building for $backend"
        cargo build --release -p thalweg-benches --bin gpu --no-default-features --features "flex,$backend"
        cp "${CARGO_TARGET_DIR:-target}/release/gpu" "$packed/gpu-$backend"
    done
    cp "$here/gpu.sh" "$here"/peers/{gpu,cases,glow32,realnvp,vae,timing,timed_torch}.py "$packed"
    tar czf "$packed.tar.gz" -C target/gpu thalweg-gpu
    ls -l "$packed.tar.gz"
}

# Where the libraries and headers of CUDA lie that PyTorch's packages bring.
from_pip() {
    python3 - <<'PYTHON' 2>/dev/null || true
import glob, importlib.util
found = importlib.util.find_spec("nvidia")
for root in found.submodule_search_locations if found else []:
    for kind in ("lib", "include"):
        for folder in glob.glob(f"{root}/*/{kind}"):
            print(kind, folder)
PYTHON
}

measure() {
    cd "$here"
    export MIMALLOC_PURGE_DELAY=-1 # as in .cargo/config.toml of the project
    command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
    grep -m 1 'model name' /proc/cpuinfo

    local torch=()
    if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
        python3 gpu.py >torch.json && torch=(torch.json)
        python3 -c 'import torch; print("torch", torch.__version__)'
    else
        echo "PyTorch is not here, or sees no GPU: no figures of it"
    fi

    # NVRTC looks for headers in CUDA_PATH/include.
    local kind folder
    local headers
    headers=$(mktemp -d)
    trap "rm -rf '$headers'" EXIT
    mkdir "$headers/include"
    while read -r kind folder; do
        case $kind in
        lib) LD_LIBRARY_PATH="$folder:${LD_LIBRARY_PATH:-}" ;;
        include) cp -rsn "$folder/." "$headers/include/" ;;
        esac
    done < <(from_pip)
    if [ -z "${CUDA_PATH:-}" ] && [ -e "$headers/include/cuda_fp16.h" ]; then
        export CUDA_PATH=$headers
    fi
    export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-}

    local failed=0
    for backend in cuda vulkan; do
        echo
        if ! BURN_DEVICE=$backend "./gpu-$backend" "${torch[@]}"; then
            echo "$backend did not run; the head of this script says what it needs"
            failed=1
        fi
    done
    return $failed
}

if [ -e "$here/gpu-cuda" ]; then measure; else build; fi
