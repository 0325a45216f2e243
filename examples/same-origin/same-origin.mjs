// Proves in Chromium that page and API on one origin need no CORS, through nginx and through Envoy, and
// that the same page needs it as soon as the API is on another origin. See README.md.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { chromium, launchOptions, makeCertificate } from "../../tests/browser/chromium.mjs";
import { Running } from "./running.mjs";

const PAGE = "https://lantern.example";
const ANOTHER = "https://api.lantern.example"; // the same site, but not the same origin
const SISTER = "https://shop.lantern.example";
const COOKIE = "__Host-session";
const PROXIES = ["nginx", "Envoy"];
const RUN_MS = 120_000;
// What the service's answers are; of a WebSocket, what came through it.
const EXPECTED = ["204", "200", "201", "200", "200", "changed", "204"];
// Whether the browser asks first, where the API is on another origin.
const ASKED = [false, false, true, true, true, false, true];

/** What a page of a sister's host can do without any CORS: plant a cookie, post blindly, open a WebSocket. */
async function attack(page, context) {
  const before = await context.cookies(PAGE);
  await page.goto(`${SISTER}/`);
  await page.evaluate(() => used);
  const devtools = await context.newCDPSession(page);
  const sent = once(devtools, "Network.requestWillBeSentExtraInfo");
  await devtools.send("Network.enable");
  await page.evaluate(
    ([url, cookie]) => {
      document.cookie = `${cookie}=planted; Domain=lantern.example; Path=/; Secure`;
      return fetch(`${url}/api/orders`, { method: "POST", mode: "no-cors", credentials: "include" });
    },
    [PAGE, COOKIE],
  );
  assert.deepEqual(await context.cookies(PAGE), before, "the sister's cookie took the place of ours");
  const [{ headers }] = await sent;
  assert.equal(headers.cookie, `${COOKIE}=${before[0].value}`, "to the browser both are one site");
  assert.equal(await page.evaluate((url) => askLive(url), `${PAGE}/api/orders/live`), "refused");
}

/** Lets the page do its work on its own origin, and then with the API on another. */
async function browse(port, certificate, undo) {
  const hosts = ["lantern.example", "*.lantern.example"].map((name) => `MAP ${name}:443 127.0.0.1:${port}`);
  const browser = await chromium.launch(launchOptions([...hosts, "MAP * ~NOTFOUND"], certificate));
  undo.push(() => browser.close());
  const context = await browser.newContext();
  const page = await context.newPage();
  const headers = [];
  page.on("response", (response) => headers.push(response.allHeaders()));
  await page.goto(`${PAGE}/`);
  const same = await page.evaluate(() => used);
  const names = (await Promise.all(headers)).flatMap(Object.keys);
  const cookies = await context.cookies(PAGE);
  const another = await page.evaluate((api) => useApi(api), ANOTHER);
  await attack(page, context);
  const version = browser.version();
  await browser.close();
  return { version, same, another, names, cookies };
}

/** The requests that came of a page's call, as the proxy wrote them down. */
function sentFor(call, log, origin) {
  const wanted = call.method === "WebSocket" ? "GET" : call.method;
  const ofCall = ({ host, path, method, asks_for: asksFor }) =>
    host === new URL(origin).host && path === call.path && (method === wanted || asksFor === wanted);
  return log.filter(ofCall);
}

/** Fails unless the page could do everything, and no preflight and no CORS was in it. */
function judgeSame({ same, names, cookies }, sent) {
  assert.deepEqual(same.map(({ saw }) => saw), EXPECTED);
  assert.equal(sent.length, EXPECTED.length, "a request for each call, and no other");
  assert.deepEqual(sent.filter(({ method }) => method === "OPTIONS"), []);
  // Chromium sends no Sec-Fetch-Site with the handshake of a WebSocket.
  const sites = sent.filter(({ path }) => path !== "/api/orders/live").map(({ site }) => site);
  assert.deepEqual([...new Set(sites)], ["same-origin"]);
  assert.deepEqual(names.filter((name) => name.startsWith("access-control-")), []);
  const [{ name, domain, path: at, httpOnly, secure, sameSite }, ...others] = cookies;
  assert.deepEqual([name, domain, at, httpOnly, secure, sameSite], [COOKIE, "lantern.example", "/", true, true, "Strict"]);
  assert.deepEqual(others, []);
}

/** Fails unless the same calls to another origin were preceded by preflights, or refused, and never read. */
function judgeAnother({ another }, sent) {
  const asked = another.map((call) => sentFor(call, sent, ANOTHER).map(({ method }) => method === "OPTIONS"));
  assert.deepEqual(asked, ASKED.map((one) => [one]));
  for (const { method, path, saw } of another) assert.match(saw, /^(blocked|refused)$/, `${method} ${path}`);
}

function judge(name, result, log) {
  const begun = log.findIndex(({ host }) => host === new URL(SISTER).host);
  const calls = log.slice(0, begun).filter(({ path }) => path.startsWith("/api/"));
  const of = (origin) => calls.filter(({ host }) => host === new URL(origin).host);
  judgeSame(result, of(PAGE));
  judgeAnother(result, of(ANOTHER));
  const attacks = log.slice(begun).filter(({ host }) => host === new URL(PAGE).host);
  assert.deepEqual(attacks.map(({ method, status }) => [method, status]), [["POST", 403], ["GET", 403]]);
  assert.equal(attacks[0].site, "same-site");
  const preflights = (origin) => of(origin).filter(({ method }) => method === "OPTIONS").length;
  console.log(`${name}: ${of(PAGE).length} requests to the page's own origin, ${preflights(PAGE)} of them preflights,`);
  console.log(`  Sec-Fetch-Site: same-origin on all but the WebSocket, and no Access-Control line in any answer;`);
  console.log(`  ${of(ANOTHER).length} to ${ANOTHER}, ${preflights(ANOTHER)} of them preflights, and nothing that the page could read.`);
}

/** One row a call, in columns: what was sent to the page's own origin and to another, and what the page saw. */
function table(found) {
  const columns = found.flatMap(({ name, result, log }) => {
    const cell = (origin) => (call) => {
      const [{ method, status }] = sentFor(call, log, origin);
      return `${method} ${status}: ${call.saw}`;
    };
    return [
      [name, ...result.same.map(cell(PAGE))],
      [`${name}, API elsewhere`, ...result.another.map(cell(ANOTHER))],
    ];
  });
  const calls = ["the page's call", ...found[0].result.same.map(({ method, path }) => `${method} ${path}`)];
  const padded = [calls, ...columns].map((cells) => {
    const width = Math.max(...cells.map(({ length }) => length));
    return cells.map((text) => text.padEnd(width));
  });
  return calls.map((_, row) => padded.map((cells) => cells[row]).join("  ").trimEnd()).join("\n");
}

async function main(out, programs) {
  const undo = [];
  try {
    const certificate = makeCertificate();
    const running = new Running(out, programs, certificate, undo);
    await running.startServices();
    const found = [];
    for (const name of PROXIES) {
      const proxy = await running.startProxy(name);
      const result = await browse(proxy.port, certificate, undo);
      await proxy.stop(); // what it has not yet written, it writes now
      const log = readFileSync(proxy.log, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
      found.push({ name, result, log });
    }
    console.log("\nNo CORS: page and API are on one origin, behind nginx and behind Envoy.");
    console.log(`In Chromium ${found[0].result.version}: what was sent, what was answered, and what the page saw.\n`);
    console.log(`${table(found)}\n`);
    for (const { name, result, log } of found) judge(name, result, log);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

const [out, ...programs] = process.argv.slice(2).map((name) => path.resolve(name));
if (programs.length !== 3) {
  console.error("usage: node same-origin.mjs FOLDER PYTHON NGINX ENVOY");
  console.error("FOLDER is where to write; PYTHON has what examples/python needs");
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
setTimeout(() => {
  console.error(`not done after ${RUN_MS / 1000} s`);
  process.exit(1);
}, RUN_MS).unref();
const [python, nginx, envoy] = programs;
await main(out, { python, nginx, Envoy: envoy });
