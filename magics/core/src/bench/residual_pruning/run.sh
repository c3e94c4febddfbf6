#!/bin/sh
# Trains a CNN with residual blocks and depthwise convolutions on MNIST, removes half of its multiply-accumulates,
# fine-tunes, and times both networks in turns.
#
# usage: run.sh [EPOCHS [TUNING_EPOCHS]]     some minutes on two processors
set -e
cd "$(dirname "$0")/../../.."
[ -n "$POMONA_NO_BUILD" ] || mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
java -Xmx1g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "target/classes:$(cat target/runtime.classpath)" \
    src/bench/residual_pruning/ResidualPruning.java ../../notebooks/data/mnist "${1:-5}" "${2:-4}"
