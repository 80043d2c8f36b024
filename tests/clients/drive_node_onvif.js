// Adds a device with the npm package node-onvif, which asks for stream addresses by three protocols.
"use strict";
const { OnvifDevice } = require("node-onvif");
const [host, port, user] = process.argv.slice(2);
const pass = process.env.ONVIF_PASSWORD;

const device = new OnvifDevice({ xaddr: `http://${host}:${port}/onvif/device_service`, user, pass });
device
  .init()
  .then(async (information) => {
    const profile = device.getCurrentProfile();
    const still = await device.fetchSnapshot();
    const ok = Boolean(profile.stream.rtsp && still.body[0] === 0xff && still.body[1] === 0xd8);
    const { Model: model } = information;
    console.log(
      JSON.stringify({ client: "node-onvif", ok, model, stream: profile.stream.rtsp, snapshot: profile.snapshot }),
    );
    process.exit(ok ? 0 : 1);
  })
  .catch((error) => {
    console.log(JSON.stringify({ client: "node-onvif", ok: false, error: String(error.message || error) }));
    process.exit(1);
  });
