// What pages do to the API, one scenario each. `page` is where the page comes from; `run` is what it
// does there, a function that Chromium evaluates with the API's origin as its argument; it answers
// "readable", "blocked", "opaque" (sent, and nothing to read) or, for what a page cannot see the end
// of, "sent". `credentials` is the request's credentials mode, which no header tells.

const APP = "https://app.lantern.example";
const SHOP = "https://northwind.shops.lantern.example";
const PREVIEW = "https://pr-17.preview.lantern.example";
const NIGHTLY = "https://nightly-20261122.preview.lantern.example";
const LOCAL = "http://localhost:5173";
const DESK = "https://desk.ledgerly.example:8443";
const STRANGER = "https://blog.reader.example";

/** A scenario that is one call of fetch(). */
function fetching(name, page, path, init = {}) {
  const run = ([api, path, init]) =>
    fetch(api + path, init).then(
      (response) => (response.type === "opaque" ? "opaque" : "readable"),
      () => "blocked",
    );
  return { name, page, credentials: init.credentials ?? "same-origin", run, rest: [path, init] };
}

/** A scenario of any other kind. */
function doing(name, page, credentials, run) {
  return { name, page, credentials, run, rest: [] };
}

const json = { "content-type": "application/json" };
const order = JSON.stringify({ isbn: "9780140328721", copies: 12 });
const include = { credentials: "include" };

export const scenarios = [
  // The public catalogue
  fetching("a stranger's page reads the catalogue", STRANGER, "/catalogue/9780140328721"),
  fetching("a stranger's page reads a part of it", STRANGER, "/catalogue/9780140328721?fields=title"),
  fetching("a stranger's page asks only for the head", STRANGER, "/catalogue/9780140328721", { method: "HEAD" }),
  fetching("a stranger's page revalidates its copy", STRANGER, "/catalogue/9780140328721", {
    headers: { "if-none-match": '"b1946ac9"' },
  }),
  fetching("a stranger's page sends cookies along", STRANGER, "/catalogue/9780140328721", include),
  fetching("a stranger's page tries to delete a book", STRANGER, "/catalogue/9780140328721", { method: "DELETE" }),
  fetching("a stranger's page sends a header of its own", STRANGER, "/catalogue/9780140328721", {
    headers: { "x-reader": "1" },
  }),
  doing("an image for a canvas", STRANGER, "same-origin", ([api]) =>
    new Promise((resolve) => {
      const image = new Image();
      image.crossOrigin = "anonymous";
      // The answer is JSON, no image: the error after a CORS check that passed looks like any other.
      image.onload = image.onerror = () => resolve("sent");
      image.src = api + "/catalogue/9780140328721";
    }),
  ),
  doing("an image without crossorigin", STRANGER, "include", ([api]) =>
    new Promise((resolve) => {
      const image = new Image();
      image.onload = image.onerror = () => resolve("opaque");
      image.src = api + "/catalogue/9780140328721";
    }),
  ),

  // The app and the shops
  fetching("the app reads an order", APP, "/orders/7", include),
  fetching("the app reads an order that is not there", APP, "/orders/7/parcels", include),
  fetching("the app prints a label, and the handler throws", APP, "/orders/7/label", include),
  fetching("the app posts an order as JSON", APP, "/orders", { ...include, method: "POST", headers: json, body: order }),
  fetching("the app posts an order as a plain form", APP, "/orders", {
    ...include,
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "isbn=9780140328721&copies=12",
  }),
  fetching("the app changes an order with its token", APP, "/orders/7", {
    ...include,
    method: "PUT",
    headers: { ...json, authorization: "Bearer a.b.c", "x-csrf-token": "s3cret" },
    body: order,
  }),
  fetching("the app patches an order", APP, "/orders/7", { ...include, method: "PATCH", headers: json, body: order }),
  fetching("the app patches an order in lower case", APP, "/orders/7", { ...include, method: "patch", headers: json, body: order }),
  fetching("the app deletes an order", APP, "/orders/7", { ...include, method: "DELETE" }),
  fetching("the app deletes an order, fetch() mends the case", APP, "/orders/7", { ...include, method: "delete" }),
  fetching("the app sends a header that is not allowed", APP, "/orders/7", { ...include, headers: { "x-debug": "1" } }),
  fetching("the app sends a method that is not allowed", APP, "/orders/7", { ...include, method: "PURGE" }),
  doing("the app uploads by XMLHttpRequest and watches the progress", APP, "include", ([api]) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", api + "/orders");
      request.withCredentials = true;
      request.upload.onprogress = () => {};
      request.onload = () => resolve("readable");
      request.onerror = () => resolve("blocked");
      request.send("isbn=9780140328721");
    }),
  ),
  doing("the app leaves and sends a beacon of JSON", APP, "include", ([api]) => {
    const body = new Blob(["{}"], { type: "application/json" });
    return navigator.sendBeacon(api + "/orders", body) ? "sent" : "blocked";
  }),
  fetching("a shop reads an order", SHOP, "/orders/7", include),
  fetching("a shop places an order once", SHOP, "/orders", {
    ...include,
    method: "POST",
    headers: { ...json, "idempotency-key": "8c1f0a52" },
    body: order,
  }),
  fetching("the shops' own parent domain reads an order", "https://shops.lantern.example", "/orders/7", include),
  fetching("the app over plain http", "http://app.lantern.example", "/orders/7", include),
  fetching("the app from another port", "https://app.lantern.example:8443", "/orders/7", include),
  fetching("a look-alike of the app", "https://app.lantern.example.reader.example", "/orders/7", include),
  fetching("a look-alike that is no name in any DNS", "https://app~.lantern.example", "/orders/7", include),
  fetching("a look-alike deletes an order", "https://app-lantern.example", "/orders/7", { ...include, method: "DELETE" }),
  fetching("a stranger's page posts blindly", STRANGER, "/orders", { ...include, mode: "no-cors", method: "POST", body: "isbn=1" }),
  doing("a sandboxed frame in the app", APP, "include", ([api]) =>
    new Promise((resolve) => {
      const frame = document.createElement("iframe");
      frame.sandbox = "allow-scripts";
      frame.srcdoc = `<script>
        fetch("${api}/orders/7", { credentials: "include" })
          .then(() => parent.postMessage("readable", "*"), () => parent.postMessage("blocked", "*"));
      </script>`;
      addEventListener("message", (event) => resolve(event.data));
      document.body.append(frame);
    }),
  ),
  fetching("the app is redirected to the API by another host", APP, "https://links.ledgerly.example/orders/7", include),
  doing("the app's form, a navigation", APP, "include", ([api]) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = api + "/orders";
    document.body.append(form);
    form.submit();
    return "sent";
  }),
  doing("the app's link, a navigation", APP, "include", ([api]) => {
    location.href = api + "/orders/7";
    return "sent";
  }),
  fetching("the API's own page reads an order", "https://api.lantern.example", "/orders/7"),
  fetching("the API's own page posts an order", "https://api.lantern.example", "/orders", { method: "POST", headers: json, body: order }),
  fetching("the API's own page deletes an order", "https://api.lantern.example", "/orders/7", { method: "DELETE" }),

  // Invoices
  fetching("the accountants fetch an invoice", DESK, "/orders/7/invoice", { headers: { authorization: "Bearer d.e.f" } }),
  fetching("the accountants send cookies along", DESK, "/orders/7/invoice", include),
  fetching("the accountants read the order itself", DESK, "/orders/7", { headers: { authorization: "Bearer d.e.f" } }),
  fetching("a shop fetches an invoice", SHOP, "/orders/7/invoice"),

  // Previews and local development, against the staging data
  fetching("a preview reads an order", PREVIEW, "/staging/orders/7", include),
  fetching("a preview tries out a method and headers", PREVIEW, "/staging/orders/7", {
    ...include,
    method: "PATCH",
    headers: { ...json, authorization: "Bearer a.b.c", "x-debug": "1" },
    body: order,
  }),
  fetching("a preview asks for OPTIONS", PREVIEW, "/staging/orders/7", { ...include, method: "OPTIONS" }),
  fetching("a preview asks for what is not there", PREVIEW, "/staging/orders/7/parcels", include),
  fetching("a preview reads the real data", PREVIEW, "/orders/7", include),
  fetching("a branch that is no preview", "https://hotfix.preview.lantern.example", "/staging/orders/7", include),
  fetching("a nightly build reads an order", NIGHTLY, "/staging/orders/7", include),
  fetching("a nightly build with a date that is none", "https://nightly-2026.preview.lantern.example", "/staging/orders/7", include),
  fetching("local development changes an order", LOCAL, "/staging/orders/7", { ...include, method: "PUT", headers: json, body: order }),
  fetching("local development by address", "http://127.0.0.1:8080", "/staging/orders/7", include),
  fetching("local development reads the real data", LOCAL, "/orders/7", include),

  // Outside the policy
  fetching("the app asks for the health check", APP, "/healthz"),
];
