#!/bin/sh
# Opens, profiles, prunes and quantizes a network of GIGABYTES in a heap of 2 GB, and selects among 110 million weights
# beside NumPy and PyTorch where POMONA_PYTHON has them. Several sizes, apart by commas, make a table of GB/s.
#
# usage: run.sh [GIGABYTES[,GIGABYTES...] [FOLDER]]     needs about three times the space there; what it makes it deletes
set -e
cd "$(dirname "$0")/../../.."
gigabytes=${1:-10}
folder=${2:-${TMPDIR:-/tmp}/pomona-scale}
mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
classpath=target/classes:$(cat target/runtime.classpath)
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
mkdir -p "$folder"
trap 'rm -rf "$folder"' EXIT
case $gigabytes in
  *,*) ;;
  *) java -Xmx2g -Dpomona.scratch="$folder" -cp "$classpath" src/bench/scale/Selection.java
     if [ -n "$POMONA_PYTHON" ]; then "$POMONA_PYTHON" src/bench/scale/selection.py; fi ;;
esac
[ "$gigabytes" = 0 ] || java -Xmx2g -Dpomona.scratch="$folder" -cp "$classpath" src/bench/scale/Scale.java "$gigabytes" "$folder"
