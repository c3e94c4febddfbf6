#!/bin/sh
# The table of Han et al. 2015 on the whole of MNIST: LeNet-300-100 and LeNet-5 trained dense, then pruned and trained on,
# by the recipes in this folder. The networks go into FOLDER, one file for each density; a run that was stopped goes on.
#
# usage: run.sh [FOLDER [SEEDS [NETWORKS]]]     such as run.sh out "1 2 3" lenet-5; each network and seed takes 3 to 9
#                                               minutes of one processor
set -e
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${TMPDIR:-/tmp}/pomona-han}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$here/../../.."
mvn -q -o -B -f ../.. -pl magics/jupyter -am -DskipTests -Dspotless.check.skip=true test-compile
classpath=target/bench:target/classes:$(cat target/runtime.classpath)
mkdir -p target/bench
javac -d target/bench -cp "$classpath" src/bench/han/*.java
# One thread: two would wait for each other more than they compute on networks as small as these.
bench() { java -Xmx1g -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 -cp "$classpath" "$@" 2>/dev/null; }
export OMP_NUM_THREADS=1 OPT_OUT_TRACKING=true
for network in ${3:-lenet-300-100 lenet-5}; do
  for seed in ${2:-1 2 3}; do
    bench Han "$network" "$seed" "$folder"
  done
done
echo "$(date -u +%F), $(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), commit $(git rev-parse --short HEAD)"
bench HanTable "$folder" ../jupyter/target/classes/pomona/jupyter/plotly/plotly-cartesian.min.js
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -z "$chromium" ] || "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=780,520 \
  --screenshot="$folder/density-error.png" "file://$folder/density-error.html" 2>/dev/null
