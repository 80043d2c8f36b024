#!/bin/sh
# Install the system tools that some tests use; where that is not possible, name what will be skipped.
set -u

missing=""

need() { # need PACKAGE CHECK...: the package is missing when the check fails
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

# The test servers run on the system's Python, never on the environment's.
rtsp_server() {
    /usr/bin/python3 -c 'import gi; gi.require_version("GstRtspServer", "1.0")'
}

look() {
    missing=""
    need ffmpeg command -v ffmpeg
    need age command -v age
    need minisign command -v minisign
    need gstreamer1.0-tools command -v gst-launch-1.0
    need gstreamer1.0-plugins-base gst-inspect-1.0 videotestsrc
    need gstreamer1.0-plugins-good gst-inspect-1.0 rtspsrc
    need gstreamer1.0-plugins-bad gst-inspect-1.0 h264parse
    need gstreamer1.0-plugins-ugly gst-inspect-1.0 x264enc
    need gstreamer1.0-libav gst-inspect-1.0 avdec_h264
    need python3-gi /usr/bin/python3 -c 'import gi'
    need gir1.2-gst-rtsp-server-1.0 rtsp_server
    need iproute2 command -v ip
    need nodejs command -v node
    need npm command -v npm
    need perl command -v perl
}

look
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null 2>&1
    for package in $missing; do
        apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$package" >/dev/null 2>&1 \
            || echo "$package cannot be installed here"
    done
    look
fi
[ -z "$missing" ] || echo "Tests that need these are skipped:$missing"
exit 0
