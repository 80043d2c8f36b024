// Adds a device with the npm package onvif, which asks for the time first, unsigned.
"use strict";
const { Cam } = require("onvif");
const [hostname, port, username] = process.argv.slice(2);
const password = process.env.ONVIF_PASSWORD;

function fail(error) {
  console.log(JSON.stringify({ client: "npm-onvif", ok: false, error: String(error.message || error) }));
  process.exit(1);
}

const cam = new Cam({ hostname, port: Number(port), username, password, timeout: 20000 }, (error) => {
  if (error) return fail(error);
  cam.getDeviceInformation((error, information) => {
    if (error) return fail(error);
    cam.getStreamUri({ protocol: "RTSP" }, (error, stream) => {
      if (error) return fail(error);
      cam.getSnapshotUri((error, snapshot) => {
        if (error) return fail(error);
        const source = cam.activeSource || {};
        const ok = Boolean(stream.uri && snapshot.uri && source.profileToken && source.encoding === "H264");
        console.log(
          JSON.stringify({
            client: "npm-onvif",
            ok,
            model: information.model,
            stream: stream.uri,
            snapshot: snapshot.uri,
            size: [source.width, source.height],
          }),
        );
        process.exit(ok ? 0 : 1);
      });
    });
  });
});
