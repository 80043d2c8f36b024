#!/bin/sh
# All tests in three shares at once: those that compute, those of demonstrations and exports, and those that wait.
# The first two keep two cores busy while the third waits for the network most of its time.
# Arguments go to all. Fails when any share fails, or when none has a test that was asked for.
set -u
python=$1
shift
computing="tests/models tests/recorder tests/vcam/mask tests/vcam/quality tests/vcam/track tests/vcam/encode
tests/vcam/osd tests/vcam/base tests/vcam/test_tracks.py tests/vcam/test_offline.py
tests/vcam/test_stills.py tests/vcam/test_drive.py tests/vcam/test_trackfile.py
tests/console tests/sweep"
showing="tests/vcam/demo tests/vcam/export tests/vcam/review tests/vcam/cli/test_eval.py tests/vcam/cli/test_export.py"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# shellcheck disable=SC2086 # lists of words
"$python" -m pytest -p no:cacheprovider $computing "$@" >"$logs/computing" 2>&1 &
computing_pid=$!
# shellcheck disable=SC2086
"$python" -m pytest -p no:cacheprovider $showing "$@" >"$logs/showing" 2>&1 &
showing_pid=$!
ignored=""
for each in $computing $showing; do ignored="$ignored --ignore=$each"; done
# shellcheck disable=SC2086
"$python" -m pytest $ignored "$@"
talking=$?
wait "$showing_pid"
showed=$?
cat "$logs/showing"
wait "$computing_pid"
computed=$?
cat "$logs/computing"

none=5 # pytest's code when no test was collected
worst=$none
for code in "$talking" "$showed" "$computed"; do
    [ "$code" = $none ] && continue
    [ "$code" = 0 ] || exit "$code"
    worst=0
done
exit $worst
