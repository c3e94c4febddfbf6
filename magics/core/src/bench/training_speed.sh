#!/usr/bin/env bash
# Compares training steps of Pomona with those of PyTorch from Python, side by side on this machine, and prints ratios.
#   magics/core/src/bench/training_speed.sh [ROUNDS]
# Needs a JDK and Maven; PyTorch is installed into a private environment, unless POMONA_BENCH_PYTHON names a Python with it.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$bench/../../../.." && pwd)
rounds=${1:-3}
export OPT_OUT_TRACKING=true

python=${POMONA_BENCH_PYTHON:-}
if [ -z "$python" ]; then
  venv=${XDG_CACHE_HOME:-$HOME/.cache}/pomona/bench
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -c 'import torch' 2>/dev/null || "$venv/bin/python" -m pip install -q -r "$bench/requirements.txt"
  python=$venv/bin/python
fi

cd "$root"
mvn -q -B ${MAVEN_OPTIONS:-} -pl magics/core test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/bench.classpath >/dev/null
path=magics/core/target/classes:$(cat magics/core/target/bench.classpath)

pomona() {
  java -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$path" "$bench/TrainingSpeed.java" "$@" 2>/dev/null
}

median() { sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

compare() {
  local ours=() theirs=() answer
  for _ in $(seq "$rounds"); do
    ours+=("$(pomona "$1" "$2" | cut -d' ' -f1)")
    answer=$("$python" "$bench/training_speed.py" "$1" "$2")
    theirs+=("${answer%% *}")
  done
  local a b
  a=$(printf '%s\n' "${ours[@]}" | median)
  b=$(printf '%s\n' "${theirs[@]}" | median)
  awk -v n="$3" -v a="$a" -v b="$b" -v t="${answer#* }" \
    'BEGIN {printf "%-34s Pomona %8.2f ms   PyTorch %8.2f ms   ratio %.2f   (%s)\n", n, a, b, a / b, t}'
}

echo "$(date -u +%F), commit $(git rev-parse --short HEAD), $(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(java -version 2>&1 | head -1)"
compare lenet 400 'LeNet-5, batch 128'
compare minilm 30 'MiniLM-L6, batch 16 x 64 tokens'
read -r _ early late <<<"$(pomona lenet 1000)"
echo "LeNet-5, memory of the process:    $early MB after 100 steps, $late MB after 1000"
read -r _ early late <<<"$(pomona minilm "${MEMORY_STEPS:-100}")"
echo "MiniLM-L6, memory of the process:  $early MB after $((${MEMORY_STEPS:-100} / 10)) steps, $late MB after ${MEMORY_STEPS:-100}"
