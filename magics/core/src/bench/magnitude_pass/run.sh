#!/bin/sh
# Prunes 110 million weights in the shapes of a BERT-base to 80 %, and does the same in NumPy and PyTorch where
# POMONA_PYTHON has them.
#
# usage: run.sh     needs 10 GB of memory for the others, 1.5 GB for Pomona
set -e
cd "$(dirname "$0")/../../.."
[ -n "$POMONA_NO_BUILD" ] || mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
java -Xmx256m -cp "target/classes:$(cat target/runtime.classpath)" src/bench/magnitude_pass/MagnitudePass.java
[ -z "$POMONA_PYTHON" ] || "$POMONA_PYTHON" src/bench/magnitude_pass/magnitude_pass.py
