// One tab of the browser, whose pages ask one service: what a page can tell, what passed on the wire, and
// what the console says.

import { hostOf } from "./proxy.mjs";

const ANSWER_MS = 15_000;

export class Tab {
  #page;
  #proxy;

  constructor(page, proxy, service) {
    this.#page = page;
    this.#proxy = proxy;
    this.service = service;
    this.api = `https://${hostOf(service)}`;
    this.console = [];
    page.on("console", (message) => this.console.push(message.text()));
  }

  /** Opens the page of an origin, and forgets what was before. */
  async open(origin) {
    await this.#page.goto(`${origin}/page`, { timeout: ANSWER_MS });
    this.console = [];
    this.#proxy.forget(this.service);
  }

  /** What passed between browser and service in this scenario. */
  get exchanges() {
    return this.#proxy.exchanges(this.service);
  }

  /** The same in short: `["OPTIONS 204", "PUT 200"]`. */
  get passed() {
    return this.exchanges.map(({ method, status }) => `${method} ${status}`);
  }

  // The following ask in the page; page/page.js says what they answer with.

  fetch(path, init = {}) {
    return this.#evaluate((args) => ask(...args), [this.api + path, init]);
  }

  fetchWithCookies(path, init = {}) {
    return this.fetch(path, { ...init, credentials: "include" });
  }

  fetchInSandbox(path, init = {}) {
    return this.#evaluate((args) => inSandbox("ask", ...args), [this.api + path, init]);
  }

  xhr(path, method, listen = false) {
    return this.#evaluate((args) => askByXhr(...args), [this.api + path, method, listen]);
  }

  socket(path) {
    return this.#evaluate((url) => askBySocket(url), this.#socketUrl(path));
  }

  socketInSandbox(path) {
    return this.#evaluate((url) => inSandbox("askBySocket", url), this.#socketUrl(path));
  }

  #socketUrl(path) {
    return this.api.replace("https:", "wss:") + path;
  }

  /** A cookie that the browser sends along from any site. */
  plantCookie(name, value) {
    return this.#page.context().addCookies([{ name, value, url: this.api, secure: true, sameSite: "None" }]);
  }

  clearCookies() {
    return this.#page.context().clearCookies({ domain: hostOf(this.service) });
  }

  async #evaluate(run, argument) {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the page had no answer after ${ANSWER_MS / 1000} s`)), ANSWER_MS);
    });
    try {
      return await Promise.race([this.#page.evaluate(run, argument), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
