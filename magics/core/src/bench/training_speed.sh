#!/usr/bin/env bash
# Compares training steps of Pomona with those of PyTorch from Python, side by side on this machine, and prints ratios.
# Then trains on and prints the memory of the process after a tenth, half and all of the steps; all of the Java heap is
# taken and touched at the start, so that what grows is not the heap.
#   magics/core/src/bench/training_speed.sh [ROUNDS [STEPS [SENTENCES TOKENS]]]
# 3 rounds, 1000 steps, and 16 sentences of 64 tokens unless others are given; of 0 rounds, only the memory is measured.
# Needs a JDK and Maven; PyTorch is installed into a private environment, unless POMONA_BENCH_PYTHON names a Python with it.
set -euo pipefail
case ${1:-} in
  -h | --help)
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit
    ;;
esac
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$bench/../../../.." && pwd)
rounds=${1:-3}
steps=${2:-1000}
sentences=${3:-16}
tokens=${4:-64}
export OPT_OUT_TRACKING=true

if [ "$rounds" -gt 0 ]; then
  python=${POMONA_BENCH_PYTHON:-}
  if [ -z "$python" ]; then
    venv=${XDG_CACHE_HOME:-$HOME/.cache}/pomona/bench
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    "$venv/bin/python" -c 'import torch' 2>/dev/null || "$venv/bin/python" -m pip install -q -r "$bench/requirements.txt"
    python=$venv/bin/python
  fi
fi

cd "$root"
mvn -q -B ${MAVEN_OPTIONS:-} -pl magics/core test-compile dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/bench.classpath >/dev/null
path=magics/core/target/classes:$(cat magics/core/target/bench.classpath)

pomona() {
  java -Xmx1g ${HEAP:-} -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$path" "$bench/TrainingSpeed.java" "$@" 2>/dev/null
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
if [ "$rounds" -gt 0 ]; then
  compare lenet 400 'LeNet-5, batch 128'
  compare minilm 30 'MiniLM-L6, batch 16 x 64 tokens'
fi

# MODEL NAME ARGUMENTS
memory() {
  local early half late
  read -r _ early half late <<<"$(HEAP='-Xms1g -XX:+AlwaysPreTouch' pomona "$1" "$steps" "${@:3}")"
  printf '%-34s memory of the process: %s MB after %s steps, %s MB after %s, %s MB after %s\n' \
    "$2" "$early" "$((steps / 10))" "$half" "$((steps / 2))" "$late" "$steps"
}
memory lenet "LeNet-5, batch 128"
memory minilm "MiniLM-L6, batch $sentences x $tokens tokens" "$sentences" "$tokens"
