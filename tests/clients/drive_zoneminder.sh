#!/bin/sh
# Adds a device with ZoneMinder's probe: drive_zoneminder.sh PROBE HOST PORT USER. It asks for no model and no still.
set -u
for version in 1.2 1.1; do
  # It counts nonces up from one of a thousand beginnings: two runs in one second may sign alike, which is a replay.
  sleep 1
  out=$(perl "$1" profiles "http://$2:$3/onvif/device_service" "$version" "$4" "$ONVIF_PASSWORD" 2>&1)
  stream=$(printf '%s\n' "$out" | sed -n 's/.*, H264, .*, \(rtsp:[^ ,]*\)$/\1/p' | head -n 1)
  if [ -z "$stream" ]; then
    echo '{"client": "zoneminder", "ok": false, "soap": "'"$version"'"}'
    exit 1
  fi
done
echo '{"client": "zoneminder", "ok": true, "model": null, "stream": "'"$stream"'", "snapshot": null}'
