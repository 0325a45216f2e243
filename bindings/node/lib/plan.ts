import type { CorsRequest } from './request.js';

/** A part of the request that a plan echoes. */
export type Slot = 'origin' | 'accessControlRequestMethod' | 'accessControlRequestHeaders';

/** One header line of a plan: its value is fixed text, or a part of the request as it was received. */
export type Header =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly echo: Slot };

/** The answer that a verdict names: what an adapter does to the response. Frozen. */
export class Plan {
  /** With a status, the answer ends here, without a body (preflights only). */
  readonly status: number | null;
  /** The header lines to set, replacing any of the same name, in this order. */
  readonly headers: readonly Header[];
  /** The tokens to merge into `Vary`; empty when `Vary` is to be left alone. */
  readonly vary: readonly string[];
  readonly #varyLine: string;
  /** Names and values in turn, the values that are echoed left out. */
  readonly #fields: readonly string[];
  readonly #echoes: readonly Echo[];
  /** The fields of the whole answer, `Vary` last, when the answer ends here. */
  readonly #answer: string[];

  /** @internal */
  constructor(plan: PlanJson) {
    this.status = plan.status;
    this.headers = Object.freeze(plan.headers.map(header));
    this.vary = Object.freeze(plan.vary);
    this.#varyLine = plan.vary.join(', ');
    // In lower case Node.js takes names half again as fast: it need not make that form of them.
    this.#fields = this.headers.flatMap((line) => [
      line.name.toLowerCase(),
      'value' in line ? line.value : '',
    ]);
    this.#echoes = this.headers.flatMap((line, index) =>
      'echo' in line ? [{ at: 2 * index + 1, slot: line.echo }] : [],
    );
    this.#answer = [...this.#fields, ...(this.vary.length > 0 ? ['vary', this.#varyLine] : [])];
    // A body is not what 204 has. For every other status its length has to be said, or it is sent in chunks.
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
   * The header lines as names in lower case and values in turn, `Vary` left out; not to be changed.
   *
   * @internal
   */
  fields(request: CorsRequest): readonly string[] {
    return fill(this.#fields, this.#echoes, request);
  }

  /**
   * As {@link fields}, with all other fields of an answer that ends here.
   *
   * @internal
   */
  answer(request: CorsRequest): readonly string[] {
    return fill(this.#answer, this.#echoes, request);
  }

  /**
   * The lines of a response that has no header fields yet, name and value, `Vary` last.
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

/** A part of the request that is echoed, and its place among the fields. */
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
      `the native library of onecors echoes ${line.echo}, which is no part of a request`,
    );
  }
  return Object.freeze({ name: line.name, echo });
}
