#!/bin/sh
# Corpus, tokenizer, training, evaluation and export in one command; run again, it continues where it stopped.
# PYTHON names the interpreter (see requirements.txt); WORK is the scratch folder; TOKENS the length of
# the run, and AGAIN where its rate rises for the second time.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
WORK=${WORK:-training/.work}
TOKENS=${TOKENS:-30000000}
AGAIN=${AGAIN:-24000000}
"$PYTHON" -m training.build --work "$WORK" --documents 440000
"$PYTHON" -m training.train --work "$WORK" --tokens "$TOKENS" --again "$AGAIN"
"$PYTHON" -m training.export --work "$WORK" --out training/release
"$PYTHON" -m training.check --documents 50000
"$PYTHON" -m training.evaluate --work "$WORK" --weights training/release/tiny.plusx
"$PYTHON" -m training.questions
