"""GStreamer's RTSP server, run by the system's Python: `gst_rtsp.py LAUNCH [--user U --password P] [--pem FILE]`.

Serves the pipeline LAUNCH at /cam on a free port of loopback and prints that port on a line of its own.
"""

import argparse
import sys

import gi  # type: ignore[import-not-found]  # only the system's Python has it

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import (  # type: ignore[import-not-found]  # noqa: E402
    Gio,
    GLib,
    Gst,
    GstRtsp,
    GstRtspServer,
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("launch")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--pem", help="certificate and key: serve over TLS")
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(options.launch)
    factory.set_shared(False)
    if options.user or options.pem:
        auth = GstRtspServer.RTSPAuth()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "viewer")
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
        if options.user:
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(options.user, options.password, token)
        else:
            auth.set_default_token(token)
        if options.pem:
            auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(options.pem))
        server.set_auth(auth)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


main()
