// Lets headless Chromium play the scenarios against services and proxies, and prints a table: scenarios
// down, what stands in front of the service across. See README.md.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { Policy } from "onecors";
import { chromium, launchOptions, listen, makeCertificate } from "./chromium.mjs";
import { against } from "./expect.mjs";
import { Proxy } from "./proxy.mjs";
import { PERMITTED, PUBLIC, scenarios } from "./scenarios.mjs";
import { POLICY, startServices } from "./services.mjs";
import { Tab } from "./tab.mjs";

// Their ids here, and how their names in services.json begin.
const SERVICES = {
  fastapi: "fastapi on uvicorn",
  express5: "express5, server wrapped",
  "boot3-tomcat": "Spring Boot 3 on tomcat",
  "net-http": "net-http",
  "cpp-httplib": "cpp-httplib",
  envoy: "envoy",
  nginx: "nginx",
};
const RUN_MS = 300_000;
const CROSS_SITE_COOKIES = { profile: { cookie_controls_mode: 0 } }; // as in browsers that people use

/** Plays one scenario, and answers with what went wrong; null when nothing did. */
async function play(scenario, tab) {
  try {
    await tab.open(scenario.page ?? tab.api);
    await scenario.run(tab);
    const unexpected = tab.console.filter((text) => text.includes("CORS policy"));
    if (unexpected.length > 0) throw new Error(`the console said: ${unexpected.join("\n")}`);
    return null;
  } catch (error) {
    return { text: error.message, wire: tab.passed.join(", "), routes: tab.exchanges.map((exchange) => exchange.path) };
  }
}

/** The cell of the table for one scenario and service. */
function judge(scenario, service, failure) {
  if (failure === null) return { cell: "ok" };
  const why = [scenario.name, ...failure.routes].map((key) => service.cannot[key]).find(Boolean);
  if (why) return { cell: "-", note: `${service.name}: ${scenario.name}: ${why}` };
  const text = failure.text.replace(/^/gm, "    ");
  return { cell: "FAIL", note: `FAIL ${service.name}: ${scenario.name}\n${text}\n    on the wire: ${failure.wire || "nothing"}` };
}

/** Every scenario against one service, in a tab of its own. */
async function playAll(played, tab) {
  const cells = [];
  for (const scenario of played) {
    if (scenario.websocket && !tab.service.websocket) {
      cells.push({ cell: "-", note: `${tab.service.name} has no WebSocket` });
    } else {
      cells.push(judge(scenario, tab.service, await play(scenario, tab)));
    }
  }
  return cells;
}

function print(played, services, columns) {
  const width = Math.max(...played.map(({ name }) => name.length));
  const line = (first, cells) => console.log([first.padEnd(width), ...cells].join("  ").trimEnd());
  const padded = (cells) => cells.map((cell, i) => cell.padEnd(services[i].id.length));
  line("", services.map(({ id }) => id));
  for (const [row, { name }] of played.entries()) line(name, padded(columns.map((column) => column[row].cell)));
  const all = columns.flat();
  console.log();
  for (const note of new Set(all.map((one) => one.note))) if (note) console.log(note);
  const count = (cell) => all.filter((one) => one.cell === cell).length;
  console.log(`${count("ok")} passed, ${count("FAIL")} failed`);
  return count("FAIL") === 0 && count("ok") > 0;
}

/** The browser, its profile in this folder; all that it can reach is the proxy. */
async function launch(proxy, profile, undo) {
  mkdirSync(path.join(profile, "Default"));
  writeFileSync(path.join(profile, "Default", "Preferences"), JSON.stringify(CROSS_SITE_COOKIES));
  const certificate = makeCertificate();
  const at = (server) => listen(proxy.attach(server));
  const plain = await at(http.createServer());
  const secure = await at(https.createServer(certificate));
  const remote = await at(https.createServer(certificate));
  const hosts = [
    ...PUBLIC.map((origin) => `MAP ${new URL(origin).host}:443 ${remote}`),
    ...[`MAP *:443 ${secure}`, `MAP *:8443 ${secure}`, `MAP *:* ${plain}`],
  ];
  // Not launch(): its contexts are private windows, where cookies never go across sites.
  const options = launchOptions(hosts, certificate, [`--ip-address-space-overrides=${remote}=public`]);
  // Nor may playwright end this program at a signal: there is more to be stopped than the browser.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await chromium.launchPersistentContext(profile, { ...options, ...signals });
  undo.push(() => browser.close());
  await browser.grantPermissions(["local-network-access"], { origin: PERMITTED });
  return browser;
}

async function main(out, word, undo) {
  const started = await startServices(SERVICES, out, undo);
  const profile = mkdtempSync(path.join(tmpdir(), "onecors-browser-"));
  undo.push(async () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  const proxy = new Proxy(started);
  const browser = await launch(proxy, profile, undo);
  console.log(`Chromium ${browser.browser()?.version() ?? ""}`);
  const tabs = await Promise.all(started.map(async (service) => new Tab(await browser.newPage(), proxy, service)));
  const played = scenarios(against(Policy.fromFile(POLICY))).filter(({ name }) => name.includes(word));
  const columns = await Promise.all(tabs.map((tab) => playAll(played, tab)));
  return print(played, started, columns);
}

const undo = []; // what ends each thing that was started

async function end(code) {
  for (const step of undo.splice(0).reverse()) await step().catch((error) => console.error(error));
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    console.error("stopped");
    end(1);
  });
}
setTimeout(() => {
  console.error(`not done after ${RUN_MS / 1000} s`);
  end(1);
}, RUN_MS).unref();

const [out, word = ""] = process.argv.slice(2);
if (out === undefined) {
  console.error("usage: node run.mjs FOLDER [WORD]");
  console.error("FOLDER is where `make -C tests/services build` put the services; WORD is in a scenario's name");
  process.exit(2);
}
main(path.resolve(out), word, undo).then(
  (passed) => end(passed ? 0 : 1),
  (error) => {
    console.error(error.stack);
    end(1);
  },
);
