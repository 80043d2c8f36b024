// Searches with the npm package onvif on one interface, and prints the addresses it found.
"use strict";
const { Discovery } = require("onvif");
const [device] = process.argv.slice(2);

Discovery.on("error", (error) => console.error(String(error)));
Discovery.probe({ timeout: 3000, resolve: false, device }, (error, found) => {
  for (const each of found || []) {
    console.log(each.probeMatches.probeMatch.XAddrs);
  }
  process.exit(0);
});
