#!/bin/sh
# Trains a CNN with residual blocks and depthwise convolutions on MNIST, removes half of its multiply-accumulates,
# fine-tunes, and times both networks in turns, with one thread. Networks that FOLDER has already are not made again.
#
# usage: run.sh [train | measure | all [EPOCHS [TUNING_EPOCHS [FOLDER]]]]     some minutes on two processors
set -e
cd "$(dirname "$0")/../../.."
phase=${1:-all}
folder=${4:-${TMPDIR:-/tmp}/pomona-residual-pruning}
[ -n "$POMONA_NO_BUILD" ] || mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
run() {
    java -Xmx1g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
        -cp "target/classes:$(cat target/runtime.classpath)" src/bench/residual_pruning/ResidualPruning.java "$@"
}
[ "$phase" = measure ] || run train ../../notebooks/data/mnist "$folder" "${2:-5}" "${3:-4}"
[ "$phase" = train ] || run measure ../../notebooks/data/mnist "$folder"
