// What pages do to a service, and what must come of it. A scenario is a name, the origin of its page
// (without one, the service's own) and what happens there; `websocket` is for services that have one.

import assert from "node:assert/strict";
import { hidden, passed, readable, said } from "./expect.mjs";

const APP = "https://app.example.com";
const TENANT = "https://shop.tenant.example.org";
const TENANT_TOO = "https://books.tenant.example.org";
const PREVIEW = "https://pr-17.preview.example.net";
const STRANGER = "https://blog.reader.example";

// Pages that come from a public address, for all that the browser knows; the services are on loopback.
// Their origins are of tenants. The user lets one of the two reach into the local network.
export const PERMITTED = "https://permitted.tenant.example.org";
export const PUBLIC = [PERMITTED, "https://public.tenant.example.org"];

const TOKEN = { authorization: "Bearer token" };
const put = { method: "PUT", headers: { "content-type": "application/json" }, body: "{}" };

/** The scenarios, given what says of a denial whether it is the one that the policy predicts. */
export function scenarios(denied) {
  return [...reading(), ...errors(), ...redirects(), ...cookies(denied), ...denials(denied), ...caches(denied), ...localNetwork(), ...sockets()];
}

function reading() {
  const reads = async (tab) => {
    const answer = await tab.fetchWithCookies("/app/item");
    readable(answer, 200, "item");
    passed(tab, "GET 200");
  };
  return [
    { name: "the app reads", page: APP, run: reads },
    { name: "a tenant's subdomain reads", page: TENANT, run: reads },
    { name: "a subdomain of a subdomain reads", page: "https://a.b.tenant.example.org", run: reads },
    { name: "a preview deployment reads", page: PREVIEW, run: reads },
    {
      name: "exposed headers are seen, others not",
      page: APP,
      async run(tab) {
        const answer = await tab.fetch("/app/item");
        assert.equal(answer.headers.etag, '"1"');
        hidden(tab, answer, "vary", "set-cookie");
      },
    },
    {
      name: "what the application sets itself is replaced",
      page: TENANT,
      async run(tab) {
        readable(await tab.fetchWithCookies("/app/own"), 200);
        assert.deepEqual(tab.exchanges[0].answer["access-control-allow-origin"], [TENANT]);
      },
    },
    {
      name: "HEAD, without a preflight",
      page: APP,
      async run(tab) {
        readable(await tab.fetch("/app/item", { method: "HEAD" }), 200, "");
        passed(tab, "HEAD 200");
      },
    },
    {
      name: "a form's POST, without a preflight",
      page: APP,
      async run(tab) {
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        readable(await tab.fetch("/app/item", { method: "POST", headers, body: "a=1" }), 200, "item");
        passed(tab, "POST 200");
      },
    },
    ...["POST", "PUT", "PATCH", "DELETE"].map((method) => ({
      name: `${method} with a token, after a preflight`,
      page: TENANT,
      async run(tab) {
        const headers = { ...put.headers, ...TOKEN, "x-token": "1" };
        readable(await tab.fetchWithCookies("/app/item", { method, headers, body: "{}" }), 200, "item");
        passed(tab, "OPTIONS 204", `${method} 200`);
      },
    })),
    {
      name: "OPTIONS that is no preflight",
      page: APP,
      async run(tab) {
        const answer = await tab.fetch("/app/item", { method: "OPTIONS" });
        assert.equal(answer.error, undefined);
        const [preflight, actual, ...others] = tab.exchanges;
        assert.deepEqual([preflight.status, actual.method, others], [204, "OPTIONS", []]);
        assert.equal(preflight.answer["x-handler"], undefined);
        assert.deepEqual(actual.answer["x-handler"], ["options"]);
      },
    },
    {
      name: "XMLHttpRequest that watches its upload",
      page: APP,
      async run(tab) {
        readable(await tab.xhr("/app/item", "POST", true), 200, "item");
        passed(tab, "OPTIONS 204", "POST 200");
      },
    },
    {
      name: "a stream, chunk by chunk",
      page: TENANT,
      async run(tab) {
        // Where the server compresses, the chunks are the compressor's. Otherwise, on a busy machine, two may
        // reach the page as one.
        for (let tries = 5; tries > 0; tries -= 1) {
          const answer = await tab.fetchWithCookies("/app/stream");
          readable(answer, 200, "onetwothree");
          if (answer.chunks.length === 3 || tab.exchanges.at(-1).answer["content-encoding"]) return;
        }
        assert.fail("its three chunks never came one by one");
      },
    },
    {
      name: "an answer that takes its time",
      page: APP,
      async run(tab) {
        readable(await tab.fetch("/app/slow"), 200, "slow");
      },
    },
    {
      name: "anyone reads what is open",
      page: STRANGER,
      async run(tab) {
        const answer = await tab.fetch("/open/item");
        readable(answer, 200, "open");
        assert.deepEqual(tab.exchanges[0].answer["access-control-allow-origin"], ["*"]);
      },
    },
    {
      name: "a sandboxed frame reads what is open",
      page: APP,
      async run(tab) {
        readable(await tab.fetchInSandbox("/open/item"), 200, "open");
      },
    },
    {
      name: "the service's own page changes an item",
      async run(tab) {
        readable(await tab.fetch("/app/item", put), 200, "item");
        passed(tab, "PUT 200");
        assert.equal(tab.exchanges[0].headers.origin, tab.api);
      },
    },
    {
      name: "what the policy leaves alone",
      page: "https://own.example",
      async run(tab) {
        readable(await tab.fetch("/plain"), 200, "plain");
      },
    },
  ];
}

function errors() {
  const fails = (name, path, status, init = {}, preflights = []) => ({
    name,
    page: APP,
    async run(tab) {
      const answer = await tab.fetchWithCookies(path, init);
      readable(answer, status);
      passed(tab, ...preflights, `${init.method ?? "GET"} ${status}`);
    },
  });
  return [
    fails("a 401 without a token", "/app/private", 401),
    fails("a 401 with a password", "/app/private", 401, { headers: { authorization: "Basic YTpi" } }, ["OPTIONS 204"]),
    fails("a 200 with the token", "/app/private", 200, { headers: TOKEN }, ["OPTIONS 204"]),
    fails("a 404", "/app/missing", 404),
    fails("a 413", "/app/upload", 413, { method: "POST", body: "x".repeat(70_000) }),
    fails("a 500 of a handler that throws", "/app/throw", 500),
    fails("a 500 after the response was reset", "/app/reset", 500),
    {
      name: "a 405, or a 404 where the framework has none",
      page: APP,
      async run(tab) {
        const { error, status } = await tab.fetchWithCookies("/app/get-only", { method: "DELETE" });
        assert.equal(error, undefined);
        assert.ok([404, 405].includes(status), status);
        passed(tab, "OPTIONS 204", `DELETE ${status}`);
      },
    },
    {
      name: "a 200 that breaks off",
      page: APP,
      async run(tab) {
        readable(await tab.fetch("/app/throw-late"), 200);
      },
    },
  ];
}

function redirects() {
  return [
    {
      name: "a redirect",
      page: APP,
      async run(tab) {
        const answer = await tab.fetchWithCookies("/app/redirect");
        readable(answer, 200, "item");
        assert.equal(answer.redirected, true);
        passed(tab, "GET 302", "GET 200");
      },
    },
    {
      name: "a redirect that preflights twice",
      page: TENANT,
      async run(tab) {
        readable(await tab.fetchWithCookies("/app/redirect", { headers: { "x-token": "1" } }), 200, "item");
        passed(tab, "OPTIONS 204", "GET 302", "OPTIONS 204", "GET 200");
      },
    },
    {
      name: "the framework's redirect for a slash",
      page: APP,
      async run(tab) {
        // Some frameworks redirect to the form with the slash, some away from it, and some not at all.
        for (const path of ["/app/slash", "/app/slash/"]) {
          const { error, status } = await tab.fetchWithCookies(path);
          assert.equal(error, undefined, path);
          assert.ok([200, 404].includes(status), path);
        }
      },
    },
  ];
}

function cookies(denied) {
  /** Plants a cookie, asks, and answers with what the service was sent. */
  const sent = async (tab, path, init) => {
    await tab.clearCookies();
    await tab.plantCookie("session", "0123");
    const answer = await tab.fetch(path, init);
    await tab.clearCookies();
    return [answer, tab.exchanges.at(-1).headers.cookie];
  };
  return [
    ...[APP, TENANT, PREVIEW].map((page) => ({
      name: `cookies from ${new URL(page).host}`,
      page,
      async run(tab) {
        const [answer, cookie] = await sent(tab, "/app/item", { credentials: "include" });
        readable(answer, 200, "item");
        assert.equal(cookie, "session=0123");
      },
    })),
    {
      name: "no cookies where the page omits them",
      page: APP,
      async run(tab) {
        const [answer, cookie] = await sent(tab, "/app/item", { credentials: "omit" });
        readable(answer, 200, "item");
        assert.equal(cookie, undefined);
      },
    },
    {
      name: "a preflight has no cookies",
      page: TENANT,
      async run(tab) {
        const [answer] = await sent(tab, "/app/item", { ...put, credentials: "include" });
        readable(answer, 200, "item");
        assert.deepEqual(tab.exchanges.map(({ headers }) => headers.cookie), [undefined, "session=0123"]);
      },
    },
    {
      name: "the service's own cookies come back to it",
      page: APP,
      async run(tab) {
        await tab.clearCookies();
        readable(await tab.fetchWithCookies("/app/item"), 200, "item");
        readable(await tab.fetchWithCookies("/app/item"), 200, "item");
        readable(await tab.fetch("/app/item"), 200, "item");
        const [first, second, without] = tab.exchanges;
        const pairs = first.answer["set-cookie"].map((line) => line.split(";", 1)[0]);
        assert.equal(pairs.length, 2);
        assert.deepEqual(second.headers.cookie?.split("; ").sort(), pairs.sort());
        assert.equal(without.headers.cookie, undefined);
        await tab.clearCookies();
      },
    },
    {
      name: "a stranger's cookies go out, and nothing comes back",
      page: STRANGER,
      async run(tab) {
        const [answer, cookie] = await sent(tab, "/app/item", { credentials: "include" });
        assert.equal(cookie, "session=0123");
        await denied(tab, answer, "origin_not_allowed");
      },
    },
    {
      name: "cookies are not for what is open",
      page: STRANGER,
      async run(tab) {
        const [answer] = await sent(tab, "/open/item", { credentials: "include" });
        assert.match(answer.error, /TypeError/);
        await said(tab, "must not be the wildcard '*' when the request's credentials mode is 'include'");
        tab.console = [];
      },
    },
  ];
}

function denials(denied) {
  const refuses = (name, page, reason, wire, ask) => ({
    name,
    page,
    async run(tab) {
      const answer = await ask(tab);
      passed(tab, ...wire);
      await denied(tab, answer, reason);
    },
  });
  const reading = (name, page, reason = "origin_not_allowed") =>
    refuses(name, page, reason, ["GET 200"], (tab) => tab.fetchWithCookies("/app/item"));
  const asking = (name, reason, init) =>
    refuses(name, APP, reason, ["OPTIONS 403"], (tab) => tab.fetchWithCookies("/app/item", init));
  return [
    reading("denied: a stranger", STRANGER),
    reading("denied: the app by plain http", "http://app.example.com"),
    reading("denied: the app on another port", "https://app.example.com:8443"),
    reading("denied: a look-alike behind", "https://app.example.com.reader.example"),
    reading("denied: a look-alike in front", "https://evilapp.example.com"),
    reading("denied: the tenants' own parent", "https://tenant.example.org"),
    reading("denied: a preview with a dot in its name", "https://pr-17.evil.preview.example.net"),
    // Chromium takes these for hosts, although no host may be called so.
    reading("denied: a label that ends in a hyphen", "https://pr-.preview.example.net", "malformed_origin"),
    reading("denied: a host with a tilde", "https://app~.tenant.example.org", "malformed_origin"),
    reading("denied: a name in another script", "https://\u0430pp.example.com"),
    refuses("denied: the null origin", APP, "origin_not_allowed", ["GET 200"], (tab) => tab.fetchInSandbox("/app/item")),
    refuses("denied: the 404 of a stranger", STRANGER, "origin_not_allowed", ["GET 404"], (tab) => tab.fetch("/app/missing")),
    refuses("denied: the 500 of a stranger", STRANGER, "origin_not_allowed", ["GET 500"], (tab) => tab.fetch("/app/throw")),
    refuses("denied: a stranger's preflight", STRANGER, "origin_not_allowed", ["OPTIONS 403"], (tab) =>
      tab.fetch("/app/item", put),
    ),
    refuses("denied: a preflight of the null origin", APP, "origin_not_allowed", ["OPTIONS 403"], (tab) =>
      tab.fetchInSandbox("/app/item", put),
    ),
    refuses("denied: a method where anyone may read", STRANGER, "method_not_allowed", ["OPTIONS 403"], (tab) =>
      tab.fetch("/open/item", put),
    ),
    asking("denied: a method", "method_not_allowed", { method: "PURGE" }),
    asking("denied: a method in lower case", "method_not_allowed", { method: "patch" }),
    asking("denied: a header", "header_not_allowed", { headers: { "x-debug": "1" } }),
    asking("denied: more headers than anyone needs", "too_many_headers", {
      headers: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`x-${i}`, "1"])),
    }),
    {
      name: "no-cors: sent, and nothing to read",
      page: STRANGER,
      async run(tab) {
        const answer = await tab.fetch("/app/item", { mode: "no-cors" });
        assert.deepEqual([answer.type, answer.status, answer.body], ["opaque", 0, ""]);
        passed(tab, "GET 200");
      },
    },
  ];
}

function caches(denied) {
  return [
    {
      name: "a preflight is asked once",
      page: APP,
      async run(tab) {
        const init = { ...put, cache: "default" };
        for (let i = 0; i < 3; i += 1) readable(await tab.fetchWithCookies("/app/item?once", init), 200, "item");
        passed(tab, "OPTIONS 204", "PUT 200", "PUT 200", "PUT 200");
      },
    },
    {
      name: "a refusal is not kept",
      page: STRANGER,
      async run(tab) {
        for (let i = 0; i < 2; i += 1) {
          const answer = await tab.fetch("/app/item", { ...put, cache: "default" });
          await denied(tab, answer, "origin_not_allowed");
        }
        passed(tab, "OPTIONS 403", "OPTIONS 403");
      },
    },
    {
      name: "one tenant's answer is not another's",
      page: TENANT,
      async run(tab) {
        // Both tenants are of one site, so they share a cache; force-cache takes whatever is in it, if
        // Vary lets it. Otherwise the browser asks anew, or whether its copy is still good.
        readable(await tab.fetch("/app/item?tenants", { cache: "default" }), 200, "item");
        await tab.open(TENANT_TOO);
        readable(await tab.fetch("/app/item?tenants", { cache: "force-cache" }), 200, "item");
        assert.match(tab.passed.join(), /^GET (200|304)$/);
      },
    },
  ];
}

function localNetwork() {
  return [
    {
      name: "from a public address, with the user's permission",
      page: PERMITTED,
      async run(tab) {
        readable(await tab.fetchWithCookies("/app/item", put), 200, "item");
        passed(tab, "OPTIONS 204", "PUT 200");
      },
    },
    {
      name: "from a public address, without",
      page: PUBLIC[1],
      async run(tab) {
        const answer = await tab.fetchWithCookies("/app/item", put);
        assert.match(answer.error, /TypeError/);
        passed(tab);
        await said(tab, "Permission was denied for this request to access the `loopback` address space");
        tab.console = [];
      },
    },
  ];
}

function sockets() {
  const opens = (name, page) => ({
    name,
    page,
    websocket: true,
    async run(tab) {
      assert.deepEqual(await tab.socket("/app/ws"), { echo: "hello" });
      passed(tab, "GET 101");
    },
  });
  const refuses = (name, page, ask = (tab) => tab.socket("/app/ws")) => ({
    name,
    page,
    websocket: true,
    async run(tab) {
      assert.deepEqual(await ask(tab), { closed: 1006 });
      passed(tab, "GET 403");
      await said(tab, "Unexpected response code: 403");
    },
  });
  return [
    opens("a WebSocket of the app", APP),
    opens("a WebSocket of a tenant", TENANT),
    opens("a WebSocket of the service's own page"),
    refuses("denied: a stranger's WebSocket", STRANGER),
    refuses("denied: a WebSocket of the app by plain http", "http://app.example.com"),
    refuses("denied: a WebSocket of the null origin", APP, (tab) => tab.socketInSandbox("/app/ws")),
  ];
}
