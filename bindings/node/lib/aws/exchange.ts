import { Adapter, type AdapterOptions } from '../adapter.js';
import type { PolicySource } from '../live.js';
import type { Plan } from '../plan.js';
import { EventRequest, type JsonObject } from './event.js';
import { answerOf, failureOf, preludeWith, type Response, resultWith } from './response.js';

/** The options of a Lambda adapter. */
export interface LambdaOptions extends AdapterOptions {
  /**
   * What to do with an exception of the handler. `raise`, the default, passes it on to Lambda, and the
   * gateway responds without CORS headers. `respond` logs it and responds with a plain `500` that has them.
   */
  readonly onError?: 'raise' | 'respond' | undefined;
  /**
   * The prefix that the mapping of a custom domain adds to the path, such as `/v1`. The paths of the
   * policy do not include it.
   */
  readonly basePath?: string | undefined;
}

/** Applies a policy to a function. */
export class LambdaAdapter {
  readonly #adapter: Adapter;
  readonly #responds: boolean;
  readonly #basePath: string;

  constructor(policy: PolicySource, options: LambdaOptions = {}) {
    const { onError = 'raise', basePath = '' } = options;
    // Callers without types may misspell it.
    if (!['raise', 'respond'].includes(onError)) {
      throw new TypeError(`onError must be 'raise' or 'respond', not ${JSON.stringify(onError)}`);
    }
    if (typeof basePath !== 'string') {
      throw new TypeError(`basePath must be a string such as '/v1', not a ${typeof basePath}`);
    }
    this.#adapter = new Adapter(policy, options);
    this.#responds = onError === 'respond';
    const segments = basePath.split('/').filter((segment) => segment !== '');
    this.#basePath = segments.map((segment) => `/${segment}`).join('');
  }

  /** Begins an exchange for an event; `null` to leave it unchanged. Logs a denial. */
  open(event: unknown): LambdaExchange | null {
    return this.#decide(EventRequest.of(event, this.#basePath));
  }

  /** As {@link open}, for the event of a Lambda authorizer. */
  openAuthorized(event: JsonObject): LambdaExchange | null {
    return this.#decide(EventRequest.authorized(event, this.#basePath));
  }

  /** Logs a warning about the placement of this adapter, once. */
  warnOnce(text: string): void {
    this.#adapter.warnOnce(text);
  }

  #decide(request: EventRequest | null): LambdaExchange | null {
    const plan = request && this.#adapter.plan(request);
    return request && plan && new LambdaExchange(this.#adapter, this.#responds, request, plan);
  }
}

/** A request, and the plan for its response. A policy that is replaced meanwhile does not affect it. */
export class LambdaExchange {
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

  /** The adapter's own response, if there is one: to a preflight. */
  get answer(): Response | null {
    const { status } = this.plan;
    return status === null ? null : answerOf(this.request, this.plan, status);
  }

  /** The result to return for that of a handler. */
  apply(result: unknown): unknown {
    return resultWith(this.request, this.plan, result);
  }

  /** The prelude to stream for that of a handler. */
  applyToPrelude(prelude: JsonObject): JsonObject {
    return preludeWith(this.request, this.plan, prelude);
  }

  /** The response to an exception of a handler with `onError: 'respond'`; else `null`. */
  rescue(error: unknown): Response | null {
    if (!this.#responds) return null;
    this.#adapter.report(error);
    return failureOf(this.request, this.plan);
  }
}
