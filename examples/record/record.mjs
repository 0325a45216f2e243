// Records the requests that headless Chromium sends to https://api.lantern.example, and writes them to
// ../requests.json. See README.md.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createInterface } from "node:readline";
import { chromium, launchOptions, listen, makeCertificate } from "../../tests/browser/chromium.mjs";
import { scenarios } from "./scenarios.mjs";

const API = "https://api.lantern.example";
const PAGE = '<!doctype html><link rel="icon" href="data:,"><title>page</title><body>';
const SETTLE_MS = 400; // for what follows after a page has its answer: a beacon, a navigation

const [command, ...args] = process.argv.slice(2);
if (command === undefined) {
  console.error("usage: node record.mjs COMMAND...   (one that starts an example service)");
  process.exit(2);
}

/** Starts the service that answers; it says on which port it listens. */
async function startService() {
  const running = spawn(command, args, {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: running.stdout })) {
    const found = /^listening on (127\.0\.0\.1:\d+)$/.exec(line);
    if (found) return { running, service: `http://${found[1]}` };
  }
  throw new Error(`${command} ended before it listened`);
}

let exchanges = [];

/** Every host of the recording: the API, the redirecting host, and the pages. */
function serve(request, response) {
  const host = request.headers.host;
  if (host.startsWith("links.")) {
    response.writeHead(302, {
      Location: API + request.url,
      "Access-Control-Allow-Origin": request.headers.origin,
      "Access-Control-Allow-Credentials": "true",
    });
    response.end();
  } else if (host !== "api.lantern.example" || ["/page", "/favicon.ico"].includes(request.url)) {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(PAGE);
  } else {
    record(request, response);
  }
}

/** Notes the request as it arrived, and passes it on to the service and its answer back. */
function record(request, response) {
  const chunks = [];
  const exchange = { method: request.method, target: request.url, headers: [], body: "" };
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    exchange.headers.push(request.rawHeaders.slice(i, i + 2));
  }
  exchanges.push(exchange);
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    exchange.body = body.toString();
    const { method, url, rawHeaders } = request;
    const passed = http.request(service + url, { method, headers: rawHeaders, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    passed.end(body);
  });
}

/** Plays one scenario in a browser profile of its own, so that nothing is cached between two. */
async function play(browser, { name, page: origin, credentials, run, rest }) {
  const context = await browser.newContext();
  await context.addCookies([
    { name: "session", value: "0123456789", url: API, secure: true, sameSite: "None" },
  ]);
  const page = await context.newPage();
  await page.goto(`${origin}/page`);
  exchanges = [];
  const [path, ...others] = rest;
  const elsewhere = path?.startsWith("https:");
  const result = await page.evaluate(run, [elsewhere ? "" : API, path, ...others]);
  await page.waitForTimeout(SETTLE_MS);
  await context.close();
  if (exchanges.length === 0) throw new Error(`${name}: nothing arrived`);
  return { name, page: origin, credentials, result, exchanges };
}

const { running, service } = await startService();
const plain = http.createServer(serve);
const certificate = makeCertificate();
const secure = https.createServer(certificate, serve);
const [httpAt, httpsAt] = [await listen(plain), await listen(secure)];
const hosts = [`MAP *:443 ${httpsAt}`, `MAP *:8443 ${httpsAt}`, `MAP *:* ${httpAt}`];
const browser = await chromium.launch(launchOptions(hosts, certificate));
const played = [];
for (const scenario of scenarios) {
  const done = await play(browser, scenario);
  console.log(`${done.result.padEnd(8)}  ${done.exchanges.map((e) => e.method).join(" ").padEnd(14)}  ${done.name}`);
  played.push(done);
}
const recording = {
  description: "Recorded from headless Chromium by examples/record; do not edit.",
  browser: `Chromium ${browser.version()}`,
  scenarios: played,
};
const text = JSON.stringify(recording, null, 1).replace(/\[\s+(".*"),\s+(".*")\s+\]/g, "[$1, $2]"); // one line a header
writeFileSync(new URL("../requests.json", import.meta.url), text + "\n");
await browser.close();
running.kill();
process.exit(0);
