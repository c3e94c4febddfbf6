#!/bin/sh
# Deep Compression's table: LeNet-300-100 and LeNet-5 on MNIST, pruned, shared and entropy-coded, beside the paper's.
#
# usage: run.sh [NETWORK [FOLDER [SEED...]]]     NETWORK is lenet-300-100 or lenet-5; the files stay in FOLDER
set -e
cd "$(dirname "$0")/../../.."
network=${1:-both}
folder=${2:-${TMPDIR:-/tmp}/pomona-deep-compression}
[ $# -lt 3 ] && set -- "$network" "$folder" 1 2 3
shift 2
mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
classpath=target/classes:$(cat target/runtime.classpath)
mkdir -p "$folder" target/bench
javac -d target/bench -cp "$classpath" src/bench/deep_compression/DeepCompression.java \
    src/bench/han/LeNets.java
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
for each in lenet-300-100 lenet-5; do
    [ "$network" = both ] || [ "$network" = "$each" ] || continue
    # One thread, as in ../han/run.sh.
    OMP_NUM_THREADS=1 OPT_OUT_TRACKING=true java -Xmx2g -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 \
        -cp "target/bench:$classpath" DeepCompression "$each" "$folder" "$@"
done
echo "paper: LeNet-300-100 40x at 1.58 %, LeNet-5 39x at 0.74 %"
