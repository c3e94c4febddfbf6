#!/bin/sh
# Prunes 110 million weights in the shapes of a BERT-base to 80 %, and does the same in NumPy and PyTorch in the same run.
#
# usage: run.sh     needs 10 GB of memory for the others, 1.5 GB for Pomona
# The others are installed into a private environment, unless POMONA_BENCH_PYTHON names a Python with them.
set -e
cd "$(dirname "$0")/../../.."
python=$POMONA_BENCH_PYTHON
if [ -z "$python" ]; then
    venv=${XDG_CACHE_HOME:-$HOME/.cache}/pomona/bench
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
    "$venv/bin/python" -c 'import torch' 2>/dev/null || "$venv/bin/python" -m pip install -q -r src/bench/requirements.txt
    python=$venv/bin/python
fi
[ -n "$POMONA_NO_BUILD" ] || mvn -q -o -B -f ../.. -pl magics/core -am -DskipTests -Dspotless.check.skip=true test-compile
echo "$(date -u +%F) $(uname -m), $(nproc) processors, commit $(git rev-parse --short HEAD)"
java -Xmx64m -cp "target/classes:$(cat target/runtime.classpath)" src/bench/magnitude_pass/MagnitudePass.java
"$python" src/bench/magnitude_pass/magnitude_pass.py
