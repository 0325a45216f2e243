// What stands at every made-up host: it ends TLS, serves the page, and passes whatever else comes to the
// host of a service on to it, just as the browser sent it. It writes down what passes.

import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { pipeline } from "node:stream";

/** The host that a service is reached at. */
export const hostOf = (service) => `${service.id}.api.example.com`;

const file = (name) => readFileSync(new URL(`page/${name}`, import.meta.url));
const PAGE = {
  "/page": ["text/html; charset=utf-8", file("page.html")],
  "/page.js": ["text/javascript; charset=utf-8", file("page.js")],
};

/** An exchange as far as it is known when the request arrives; the answer is added to it. */
function exchangeOf(request) {
  const { method, url, headers } = request;
  return { method, path: url.split("?", 1)[0], headers, status: null, answer: {} };
}

/** The lines of an answer. A service that puts its own URL into Location knows neither of TLS nor of this port. */
function withLocation(lines, host) {
  const place = lines.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === "location") + 1;
  if (place === 0 || !lines[place].startsWith(`http://${host}`)) return lines;
  const { hostname, pathname, search } = new URL(lines[place]);
  return hostname === host ? lines.with(place, `https://${host}${pathname}${search}`) : lines;
}

export class Proxy {
  #services;
  #exchanges = new Map();

  constructor(services) {
    this.#services = new Map(services.map((service) => [hostOf(service), service]));
    for (const service of services) this.forget(service);
  }

  /** What a service was asked, and what it answered, in order. */
  exchanges(service) {
    return this.#exchanges.get(service.id);
  }

  /** Begins a new list of exchanges. */
  forget(service) {
    this.#exchanges.set(service.id, []);
  }

  /** Lets the server of every host answer as described above. */
  attach(server) {
    server.on("request", (request, response) => this.#serve(request, response));
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    return server;
  }

  #record(service, request) {
    const exchange = exchangeOf(request);
    this.#exchanges.get(service.id).push(exchange);
    return exchange;
  }

  #serve(request, response) {
    const service = this.#services.get(request.headers.host);
    const page = PAGE[request.url];
    if (service && !page) return this.#pass(service, request, response);
    const [type, body] = page ?? ["text/plain", ""];
    response.writeHead(page ? 200 : 404, { "Content-Type": type });
    response.end(body);
  }

  #pass(service, request, response) {
    const exchange = this.#record(service, request);
    const { method, url: path, rawHeaders: headers } = request;
    const passed = http.request({ host: "127.0.0.1", port: service.port, method, path, headers, setHost: false });
    passed.on("response", (answer) => {
      exchange.status = answer.statusCode;
      exchange.answer = answer.headersDistinct;
      response.writeHead(answer.statusCode, withLocation(answer.rawHeaders, request.headers.host));
      response.flushHeaders();
      pipeline(answer, response, () => {}); // a service that breaks off breaks off here too
    });
    passed.on("error", (error) => {
      exchange.status ??= error.code;
      response.destroy();
    });
    // All at once: a service that refuses a large body closes the connection while more is to come.
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => passed.end(Buffer.concat(chunks)));
  }

  /** Passes a WebSocket handshake and what follows on as bytes. */
  #upgrade(request, socket, head) {
    const service = this.#services.get(request.headers.host);
    if (!service) return socket.destroy();
    const exchange = this.#record(service, request);
    const lines = [`GET ${request.url} HTTP/1.1`];
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`);
    }
    const passed = net.connect(service.port, "127.0.0.1");
    passed.write(`${lines.join("\r\n")}\r\n\r\n`);
    passed.write(head);
    passed.once("data", (first) => {
      exchange.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first.toString("latin1"))?.[1] ?? 0);
    });
    for (const [from, to] of [[passed, socket], [socket, passed]]) pipeline(from, to, () => {});
  }
}
