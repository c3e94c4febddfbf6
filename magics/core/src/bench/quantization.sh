#!/bin/sh
# Everything that the README says of quantization, measured anew, one bench after the other on a machine that should do
# nothing else: a sentence encoder dynamically, statically and in few bits, convolutional networks, a text LSTM, training with
# few bits, and Deep Compression's table. Each prints a block of the README; about two hours on two processors, most of it
# training.
#
# usage: quantization.sh [FOLDER]     FOLDER keeps what was fetched and trained, so that a run that was stopped goes on;
# needs npm, espeak-ng, and in POMONA_PYTHON a Python with onnxruntime and onnx, for the peers
set -e
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${TMPDIR:-/tmp}/pomona-quantization}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
"$here/quantize_dynamic/run.sh" 7 "$folder/dynamic"
"$here/quantize_minilm_static/run.sh" 500 "$folder/static"
"$here/quantize_weights/run.sh" "$folder/weights"
"$here/quantize_cnn/run.sh" "$folder/cnn"
"$here/quantize_lstm/run.sh" "1 2 3" 10 "$folder/lstm"
TMPDIR=$folder "$here/qat/run.sh"
"$here/deep_compression/run.sh" both "$folder/deep-compression"
