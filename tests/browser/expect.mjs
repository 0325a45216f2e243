// What the scenarios expect, in words.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

const CONSOLE_MS = 5_000;
const POLL_MS = 20;

/** The page reads this status and body. */
export function readable(answer, status, body) {
  assert.equal(answer.error, undefined);
  assert.equal(answer.status, status);
  if (body !== undefined) assert.equal(answer.body, body);
}

/** What passed on the wire, preflights included: `passed(tab, "OPTIONS 204", "PUT 200")`. */
export function passed(tab, ...expected) {
  assert.deepEqual(tab.passed, expected);
}

/** The answer has these header fields, and the page sees none of them. */
export function hidden(tab, answer, ...names) {
  const came = tab.exchanges.at(-1).answer;
  for (const name of names) {
    assert.ok(came[name], `the service sent no ${name}, so that nothing could be hidden`);
    assert.equal(answer.headers[name], undefined, name);
  }
}

/** Waits until the console has said what is looked for. */
export async function said(tab, part) {
  for (const deadline = Date.now() + CONSOLE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    const found = tab.console.filter((text) => text.includes(part));
    if (found.length > 0) return found;
  }
  return assert.fail(`the console never said: ${part}\nbut: ${tab.console.join("\n") || "nothing"}`);
}

/** Makes denied(), which looks up in a policy what to expect. */
export function against(policy) {
  /**
   * The page gets nothing, and the console says why in the sentence that the policy predicts for the
   * request that came last. The engine knows no more of a URL than the path, so the URL is put in.
   */
  return async function denied(tab, answer, reason) {
    assert.match(answer.error ?? "", /^TypeError: Failed to fetch$/);
    const exchange = tab.exchanges.at(-1);
    const story = policy.explain({
      method: exchange.method,
      path: exchange.path,
      origin: exchange.headers["origin"],
      accessControlRequestMethod: exchange.headers["access-control-request-method"],
      accessControlRequestHeaders: exchange.headers["access-control-request-headers"],
    });
    assert.equal(story.reason, reason);
    const told = Object.keys(exchange.answer).filter((name) => name.startsWith("access-control-"));
    assert.deepEqual(told, [], "a refusal tells nothing");
    const predicted = story.browser_message.replace(`at '${exchange.path}'`, `at '${tab.api}${exchange.path}'`);
    assert.deepEqual(await said(tab, "CORS policy"), [predicted]);
    tab.console = [];
  };
}
