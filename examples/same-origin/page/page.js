// What the page of Lantern Books does to its API: all that makes a browser ask first, were the API on
// another origin. `api` is "" on the page's own.

"use strict";

const JSON_BODY = { "content-type": "application/json" };
const CALLS = [
  ["POST", "/api/session", {}],
  ["GET", "/api/catalogue/9780140328721", {}],
  ["POST", "/api/orders", { headers: { ...JSON_BODY, "idempotency-key": "8c1f0a52" }, body: '{"copies":12}' }],
  ["GET", "/api/orders", { headers: { "x-request-id": "1f7a" } }],
  ["PUT", "/api/orders/1", { headers: JSON_BODY, body: '{"copies":24}' }],
  ["WebSocket", "/api/orders/live"],
  ["DELETE", "/api/orders/1", {}],
];

/** Makes every call, with credentials, and answers with what the page was let see of each. */
async function useApi(api) {
  const seen = [];
  for (const [method, path, init] of CALLS) {
    const saw = method === "WebSocket" ? await askLive(api + path) : await ask(api + path, { ...init, method });
    seen.push({ method, path, saw });
  }
  return seen;
}

function ask(url, init) {
  return fetch(url, { ...init, credentials: "include" }).then(
    (response) => String(response.status),
    () => "blocked",
  );
}

/** Asks over a WebSocket for the state of the order. */
function askLive(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send("1");
    socket.onmessage = ({ data }) => {
      resolve(data);
      socket.close();
    };
    socket.onerror = () => resolve("refused");
  });
}

const used = useApi("").then((seen) => {
  for (const { method, path, saw } of seen) {
    const line = document.createElement("li");
    line.textContent = `${method} ${path}: ${saw}`;
    document.getElementById("done").append(line);
  }
  return seen;
});
