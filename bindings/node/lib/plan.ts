import type { CorsRequest } from './request.js';

/** A value of the request that a plan echoes. */
export type Slot = 'origin' | 'accessControlRequestMethod' | 'accessControlRequestHeaders';

/** One header line of a plan: a fixed value, or an echo of a value of the request. */
export type Header =
  | {
      /** The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`. */
      readonly name: string;
      /** The fixed value. */
      readonly value: string;
    }
  | {
      /** The name in the Fetch standard's spelling, such as `Access-Control-Allow-Origin`. */
      readonly name: string;
      /** The value of the request to send back unchanged. */
      readonly echo: Slot;
    };

/** What a verdict asks for: the status and the header lines of the response. Frozen. */
export class Plan {
  /** The status of a response to send at once, without a body (preflights only); else `null`. */
  readonly status: number | null;
  /** The header lines to set, replacing any of the same name, in this order. */
  readonly headers: readonly Header[];
  /** The tokens to merge into `Vary`; empty to leave `Vary` unchanged. */
  readonly vary: readonly string[];
  readonly #varyLine: string;
  /** Names and values in turn, with empty strings for echoed values. */
  readonly #fields: readonly string[];
  readonly #echoes: readonly Echo[];
  /** The fields of the adapter's own response, `Vary` last. */
  readonly #answer: string[];

  /** @internal */
  constructor(plan: PlanJson) {
    this.status = plan.status;
    this.headers = Object.freeze(plan.headers.map(header));
    this.vary = Object.freeze(plan.vary);
    this.#varyLine = plan.vary.join(', ');
    // Node.js converts names to lower case. With names in lower case it is half again as fast.
    this.#fields = this.headers.flatMap((line) => [
      line.name.toLowerCase(),
      'value' in line ? line.value : '',
    ]);
    this.#echoes = this.headers.flatMap((line, index) =>
      'echo' in line ? [{ at: 2 * index + 1, slot: line.echo }] : [],
    );
    this.#answer = [...this.#fields, ...(this.vary.length > 0 ? ['vary', this.#varyLine] : [])];
    // 204 has no body. With any other status, Node.js would send an empty body in chunks.
    if (this.status !== 204) this.#answer.push('content-length', '0');
    Object.freeze(this);
  }

  /**
   * The tokens to merge into `Vary` as one line.
   *
   * @internal
   */
  get varyLine(): string {
    return this.#varyLine;
  }

  /**
   * The header lines without `Vary`, as names in lower case and values in turn. Do not modify.
   *
   * @internal
   */
  fields(request: CorsRequest): readonly string[] {
    return fill(this.#fields, this.#echoes, request);
  }

  /**
   * As {@link fields}, with all other fields of the adapter's own response.
   *
   * @internal
   */
  answer(request: CorsRequest): readonly string[] {
    return fill(this.#answer, this.#echoes, request);
  }

  /**
   * Returns the header lines for a response without header fields, `Vary` last.
   *
   * @param request the request that was decided on
   */
  lines(request: CorsRequest): [name: string, value: string][] {
    const lines = this.headers.map((header): [string, string] => [
      header.name,
      'echo' in header ? (request[header.echo] ?? '') : header.value,
    ]);
    if (this.vary.length > 0) {
      lines.push(['Vary', this.#varyLine]);
    }
    return lines;
  }
}

/** An echoed value, and its index among the fields. */
interface Echo {
  readonly at: number;
  readonly slot: Slot;
}

function fill(
  fields: readonly string[],
  echoes: readonly Echo[],
  request: CorsRequest,
): readonly string[] {
  if (echoes.length === 0) return fields;
  const filled = fields.slice();
  for (const { at, slot } of echoes) filled[at] = request[slot] ?? '';
  return filled;
}

/** A plan as the engine writes it. */
export interface PlanJson {
  status: number | null;
  headers: ({ name: string; value: string } | { name: string; echo: string })[];
  vary: string[];
}

/** The engine's codes for the slots, by the names of a {@link CorsRequest}. */
export const SLOTS: Readonly<Record<string, Slot>> = {
  origin: 'origin',
  access_control_request_method: 'accessControlRequestMethod',
  access_control_request_headers: 'accessControlRequestHeaders',
};

function header(line: PlanJson['headers'][number]): Header {
  if ('value' in line) {
    return Object.freeze({ name: line.name, value: line.value });
  }
  const echo = SLOTS[line.echo];
  if (echo === undefined) {
    throw new Error(
      `the native library of onecors echoes ${line.echo}, which this version does not know`,
    );
  }
  return Object.freeze({ name: line.name, echo });
}
