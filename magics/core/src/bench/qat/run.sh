#!/bin/sh
# LeNet-5 with weights and activations of 2, 3 and 4 bits: quantized after training, and trained with them; errors, and
# bytes of the files.
#
# usage: run.sh [FILE [EPOCHS [BITS...]]]   FILE is a dense LeNet-5 that ../han/run.sh made, such as
#                                           lenet-5-1-100.00.onnx.xz; without one, or with -, the first of its seeds is
#                                           trained, for some two minutes, unless an earlier run did
set -e
file=${1:--}
epochs=${2:-3}
[ $# -lt 2 ] && shift $# || shift 2
[ "$file" = - ] || file=$(cd "$(dirname "$file")" && pwd)/$(basename "$file")
cd "$(dirname "$0")/../../.."
mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
classpath=target/bench:target/classes:$(cat target/runtime.classpath)
mkdir -p target/bench
javac -d target/bench -cp "$classpath" src/bench/han/Han.java src/bench/han/LeNets.java src/bench/qat/Qat.java
bench() { java -Xmx1g -Dai.djl.offline=true -cp "$classpath" "$@" 2>/dev/null; }
if [ "$file" = - ]; then
  folder=${TMPDIR:-/tmp}/pomona-qat
  file=$folder/lenet-5-1-100.00.onnx.xz
  [ -f "$file" ] || OMP_NUM_THREADS=1 bench Han lenet-5 1 "$folder" 1
fi
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
bench Qat "$file" "$epochs" ${*:-4 3 2}
