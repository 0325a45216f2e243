// Uses the installed package as a service would. The package comes from the caller, which has
// imported or required it.

const { readFileSync } = require("node:fs");
const path = require("node:path");

const APP = "https://app.lantern.example";
const SHOP = "https://northwind.shops.lantern.example";
const REQUESTS = [
  ["GET", "/orders/7", APP],
  ["OPTIONS", "/orders/7", SHOP, "PUT", "content-type"],
  ["OPTIONS", "/orders/7", SHOP, "PUT", "x-debug"],
  ["GET", "/orders/7", APP + ".reader.example"],
  ["GET", "/catalogue/9780140328721"],
  ["GET", "/healthz", APP],
];

module.exports = ({ Policy, PolicyError }, adapters) => {
  const policy = Policy.fromFile("policy.json");
  for (const [method, target, origin, accessControlRequestMethod, accessControlRequestHeaders] of REQUESTS) {
    const request = { method, path: target, origin, accessControlRequestMethod, accessControlRequestHeaders };
    const { outcome, reason, plan } = policy.decide(request);
    console.log(`${method} ${target}: ${outcome} ${reason ?? "-"} ${plan.status ?? "-"}`);
    for (const [name, value] of plan.lines(request)) console.log(`  ${name}: ${value}`);
  }

  try {
    Policy.fromFile("bad.json");
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    for (const problem of error.problems) console.log(`${problem.pointer}: ${problem.code}`);
  }

  // No framework is installed here, and none is needed to load what is put in front of it.
  for (const [name, { cors }] of Object.entries(adapters)) {
    if (typeof cors !== "function") throw new Error(`onecors/${name} has no cors`);
  }

  const mapped = readFileSync("/proc/self/maps", "utf8").split("\n").map((line) => line.split(/\s+/).at(-1));
  const libraries = mapped.filter((file) => path.basename(file).includes("onecors"));
  if (libraries.length === 0 || !libraries.every((file) => file.startsWith(process.env.CLEAN))) {
    throw new Error(`loaded from ${libraries}`);
  }
  console.log("loaded from the clean place");
};
