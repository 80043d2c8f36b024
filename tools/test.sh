#!/bin/sh
# All tests in two halves at once, one for each core: those that compute, and those that talk or wait.
# Arguments go to both. Fails when either half fails, or when neither has a test that was asked for.
set -u
python=$1
shift
computing="tests/models tests/recorder tests/vcam/mask tests/vcam/quality tests/vcam/track tests/vcam/encode
tests/vcam/osd tests/vcam/base tests/vcam/test_tracks.py tests/vcam/test_offline.py
tests/vcam/test_stills.py tests/vcam/test_drive.py tests/vcam/test_trackfile.py
tests/console tests/vcam/export tests/vcam/review tests/vcam/demo tests/sweep"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words
"$python" -m pytest -p no:cacheprovider $computing "$@" >"$log" 2>&1 &
other=$!
ignored=""
for each in $computing; do ignored="$ignored --ignore=$each"; done
# shellcheck disable=SC2086
"$python" -m pytest $ignored "$@"
talking=$?
wait "$other"
computed=$?
cat "$log"
none=5 # pytest's code when no test was collected
[ "$talking" = $none ] && [ "$computed" = $none ] && exit $none
[ "$talking" = $none ] && talking=0
[ "$computed" = $none ] && computed=0
[ "$talking" = 0 ] || exit "$talking"
exit "$computed"
