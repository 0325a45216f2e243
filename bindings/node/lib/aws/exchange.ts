import { Adapter, type AdapterOptions } from '../adapter.js';
import type { PolicySource } from '../live.js';
import type { Plan } from '../plan.js';
import { EventRequest, type JsonObject } from './event.js';
import { answerOf, failureOf, preludeWith, type Response, resultWith } from './response.js';

/** How an adapter of Lambda works. */
export interface LambdaOptions extends AdapterOptions {
  /**
   * What becomes of an exception of the handler: it goes on to Lambda (`raise`, the default), and the
   * gateway answers for it without any of these headers, or it is logged and the answer is a plain `500`
   * with them (`respond`).
   */
  readonly onError?: 'raise' | 'respond' | undefined;
  /**
   * What the mapping of a custom domain puts before the path, such as `/v1`: the policy has paths
   * without it.
   */
  readonly basePath?: string | undefined;
}

/** A policy in front of a function. */
export class LambdaAdapter {
  readonly #adapter: Adapter;
  readonly #responds: boolean;
  readonly #basePath: string;

  constructor(policy: PolicySource, options: LambdaOptions = {}) {
    const { onError = 'raise', basePath = '' } = options;
    // A caller without types may have misspelt it, and would miss the headers of its errors.
    if (!['raise', 'respond'].includes(onError)) {
      throw new TypeError(`onError is ${JSON.stringify(onError)}; it is 'raise' or 'respond'`);
    }
    if (typeof basePath !== 'string') {
      throw new TypeError("basePath is not a string; write it like '/v1'");
    }
    this.#adapter = new Adapter(policy, options);
    this.#responds = onError === 'respond';
    const segments = basePath.split('/').filter((segment) => segment !== '');
    this.#basePath = segments.map((segment) => `/${segment}`).join('');
  }

  /** What the policy says to an event, or `null` to leave it alone. A denial is logged. */
  open(event: unknown): Exchange | null {
    return this.#decide(EventRequest.of(event, this.#basePath));
  }

  /** As {@link open}, for the event of a Lambda authorizer. */
  openAuthorized(event: JsonObject): Exchange | null {
    return this.#decide(EventRequest.authorized(event, this.#basePath));
  }

  /** Says once what to move. */
  warnOnce(text: string): void {
    this.#adapter.warnOnce(text);
  }

  #decide(request: EventRequest | null): Exchange | null {
    const plan = request && this.#adapter.plan(request);
    return request && plan && new Exchange(this.#adapter, this.#responds, request, plan);
  }
}

/** A request, and the plan for its answer: of one policy, whatever happens to it meanwhile. */
export class Exchange {
  readonly request: EventRequest;
  readonly plan: Plan;
  readonly #adapter: Adapter;
  readonly #responds: boolean;

  constructor(adapter: Adapter, responds: boolean, request: EventRequest, plan: Plan) {
    this.#adapter = adapter;
    this.#responds = responds;
    this.request = request;
    this.plan = plan;
  }

  /** The answer, when the request ends here: a preflight. */
  get answer(): Response | null {
    const { status } = this.plan;
    return status === null ? null : answerOf(this.request, this.plan, status);
  }

  /** What to return for what a handler returned. */
  apply(result: unknown): unknown {
    return resultWith(this.request, this.plan, result);
  }

  /** The prelude to stream for that of a handler. */
  applyToPrelude(prelude: JsonObject): JsonObject {
    return preludeWith(this.request, this.plan, prelude);
  }

  /** The answer for what a handler threw, where that was asked for; else `null`. */
  rescue(error: unknown): Response | null {
    if (!this.#responds) return null;
    this.#adapter.report(error);
    return failureOf(this.request, this.plan);
  }
}
