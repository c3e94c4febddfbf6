#!/bin/sh
# LeNet-5 with weights and activations of 2, 3 and 4 bits: quantized after training, and trained with them.
#
# usage: run.sh FILE [EPOCHS [BITS...]]     FILE is a dense LeNet-5 that ../han/run.sh made, such as lenet-5-1-100.00.onnx.xz
set -e
file=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
epochs=${2:-3}
[ $# -lt 2 ] && shift || shift 2
cd "$(dirname "$0")/../../.."
mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
java -Xmx1g -Dai.djl.offline=true -cp "target/classes:$(cat target/runtime.classpath)" src/bench/qat/Qat.java "$file" \
  "$epochs" ${*:-4 3 2} 2>/dev/null
