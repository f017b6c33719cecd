#!/usr/bin/env bash
# Makes a Python environment with the programs that gradwise is compared with.
#
#   bench/setup.sh [FOLDER]     (default: .venv in the project)
#
# It takes 5 GB and some minutes; nothing but the benchmarks needs it. Where cargo is,
# it also builds the peers in Rust (candle, burn), each with a workspace of its own.
set -euo pipefail
venv=${1:-$(dirname "$0")/../.venv}
if ! python3 -m venv "$venv"; then
    echo "python3 cannot make an environment here: install python3 with its venv module" >&2
    exit 1
fi
"$venv/bin/pip" install --quiet numpy pandas scikit-learn torch jax
"$venv/bin/python" - <<'PYTHON'
import jax, numpy, pandas, sklearn, torch

for module in (numpy, pandas, sklearn, torch, jax):
    print(f"{module.__name__} {module.__version__}")
PYTHON
for peer in candle burn; do
    cargo build --release --quiet --manifest-path "$(dirname "$0")/peers/$peer/Cargo.toml"
done
