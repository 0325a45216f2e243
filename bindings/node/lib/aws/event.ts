import type { RoutedRequest } from '../adapter.js';
import { beyondAscii, withoutQuery } from '../path.js';

/**
 * The source of an event, which determines the form of the response: API Gateway (`rest`, `http1`,
 * `http2`), a function URL, a load balancer, CloudFront, or VPC Lattice.
 */
export type Kind =
  | 'rest'
  | 'http1'
  | 'http2'
  | 'function_url'
  | 'alb'
  | 'alb_multi'
  | 'edge_viewer_request'
  | 'edge_origin_response'
  | 'lattice1'
  | 'lattice2';

/** A JSON object with unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The values of an HTTP event that a decision depends on. */
export class EventRequest implements RoutedRequest {
  readonly kind: Kind;
  readonly method: string | undefined;
  readonly path: string;
  readonly origin: string | undefined;
  readonly accessControlRequestMethod: string | undefined = undefined;
  readonly accessControlRequestHeaders: string | undefined = undefined;
  /** The origin's response, in an origin-response event. */
  readonly originResponse: JsonObject | undefined;
  /** The object with the maps of the header fields. */
  readonly #source: JsonObject;

  private constructor(kind: Kind, method: unknown, path: string, source: JsonObject) {
    this.#source = source;
    this.kind = kind;
    this.method = textOf(method);
    this.path = beyondAscii(path === '' ? '/' : path);
    this.origin = this.header('origin');
    if (method === 'OPTIONS') {
      this.accessControlRequestMethod = this.header('access-control-request-method');
      this.accessControlRequestHeaders = this.header('access-control-request-headers');
    }
    this.originResponse =
      kind === 'edge_origin_response' ? (source['response'] as JsonObject) : undefined;
  }

  get host(): string | undefined {
    return this.header('host');
  }

  /**
   * The value of a header field. `multiValueHeaders` comes first: it has all lines of a field, `headers`
   * only the last.
   *
   * @param name in lower case
   */
  header(name: string): string | undefined {
    return (
      valueIn(this.#source['multiValueHeaders'], name) ?? valueIn(this.#source['headers'], name)
    );
  }

  /**
   * The request in an event, or `null` for an event without one: of a schedule, a queue, a WebSocket
   * message, or a test console.
   *
   * @param basePath the prefix of the path, by the mapping of a custom domain; may be empty
   */
  static of(event: unknown, basePath: string): EventRequest | null {
    const kind = kindOf(event);
    if (kind === null) return null;
    const source = event as JsonObject;
    const path = (name: string): string =>
      withoutPrefix(withoutQuery(textOf(source[name]) ?? ''), basePath);
    switch (kind) {
      case 'http2':
      case 'function_url': {
        const context = source['requestContext'];
        const method = member(member(context, 'http'), 'method');
        const raw = withoutPrefix(withoutQuery(textOf(source['rawPath']) ?? ''), stageOf(context));
        return new EventRequest(kind, method, withoutPrefix(raw, basePath), source);
      }
      case 'edge_viewer_request':
      case 'edge_origin_response': {
        const { request, response } = edgeOf(source) as { request: JsonObject; response: unknown };
        const uri = withoutQuery(textOf(request['uri']) ?? '');
        return new EventRequest(kind, request['method'], withoutPrefix(uri, basePath), {
          headers: request['headers'],
          response,
        });
      }
      case 'lattice1':
        return new EventRequest(kind, source['method'], path('raw_path'), source);
      case 'lattice2':
        return new EventRequest(kind, source['method'], path('path'), source);
      default:
        return new EventRequest(kind, source['httpMethod'], path('path'), source);
    }
  }

  /**
   * The request in the event of a Lambda authorizer, or `null` if there is none. Such an event has the form
   * of the API's own events.
   */
  static authorized(event: JsonObject, basePath: string): EventRequest | null {
    return EventRequest.of({ ...event, methodArn: undefined, routeArn: undefined }, basePath);
  }
}

/**
 * Distinguishes events by members that only one kind has. `version` is not enough: some REST events have
 * `1.0`, and events of VPC Lattice have `2.0`.
 */
function kindOf(event: unknown): Kind | null {
  const cloudFront = edgeOf(event);
  if (cloudFront !== undefined) return edgeKindOf(cloudFront);
  const context = member(event, 'requestContext');
  const text = (name: string): string | undefined => textOf(member(event, name));
  const isAuthorizer =
    text('type') !== undefined && (text('methodArn') ?? text('routeArn')) !== undefined;
  if (isAuthorizer || textOf(member(context, 'connectionId')) !== undefined) return null;
  if (isObject(member(context, 'elb'))) {
    return isObject(member(event, 'multiValueHeaders')) ? 'alb_multi' : 'alb';
  }
  if (text('version') === '2.0' && isObject(member(context, 'http'))) {
    const domain = textOf(member(context, 'domainName')) ?? '';
    return domain.includes('.lambda-url.') ? 'function_url' : 'http2';
  }
  if (textOf(member(context, 'serviceArn')) ?? textOf(member(context, 'serviceNetworkArn'))) {
    return 'lattice2';
  }
  if (text('raw_path') !== undefined && text('method') !== undefined) return 'lattice1';
  if (text('httpMethod') !== undefined && text('path') !== undefined && isObject(context)) {
    return text('version') === '1.0' ? 'http1' : 'rest';
  }
  return null;
}

function edgeOf(event: unknown): unknown {
  const records = member(event, 'Records');
  return Array.isArray(records) ? member(records[0], 'cf') : undefined;
}

/** Origin requests were decided on as viewer requests, and viewer responses cannot be replaced. */
function edgeKindOf(cloudFront: unknown): Kind | null {
  if (!isObject(member(cloudFront, 'request'))) return null;
  switch (member(member(cloudFront, 'config'), 'eventType')) {
    case 'viewer-request':
      return 'edge_viewer_request';
    case 'origin-response':
      return isObject(member(cloudFront, 'response')) ? 'edge_origin_response' : null;
    default:
      return null;
  }
}

/**
 * The prefix of the path of an HTTP API: its stage, unless that is `$default`. Empty under a custom domain.
 */
function stageOf(context: unknown): string {
  const stage = textOf(member(context, 'stage')) ?? '$default';
  const domain = textOf(member(context, 'domainName')) ?? '';
  return stage !== '$default' && domain.includes('.execute-api.') ? `/${stage}` : '';
}

/** A path without a prefix of whole segments. */
function withoutPrefix(path: string, prefix: string): string {
  if (prefix === '' || (path !== prefix && !path.startsWith(`${prefix}/`))) return path;
  return path.slice(prefix.length);
}

/** The lines of a field, joined. Names may be in any case, and the same name in two cases is two lines. */
function valueIn(map: unknown, name: string): string | undefined {
  if (!isObject(map)) return undefined;
  let joined: string | undefined;
  for (const key of Object.keys(map)) {
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    for (const value of valuesOf(map[key])) {
      joined = joined === undefined ? value : `${joined}, ${value}`;
    }
  }
  return joined;
}

/**
 * The lines of a field, without the white space around them (RFC 9110, section 5.5): text, a list of
 * texts, or CloudFront's list of `{ key, value }`.
 */
function valuesOf(value: unknown): string[] {
  const lines: unknown[] = Array.isArray(value) ? value : [value];
  return lines
    .map((line) => textOf(isObject(line) ? line['value'] : line))
    .filter((line) => line !== undefined)
    .map(trim);
}

/** Not `trim()`, which strips more than the white space of RFC 9110; not a regex, which can be quadratic. */
function trim(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && isSpace(line, start)) start += 1;
  while (end > start && isSpace(line, end - 1)) end -= 1;
  return line.slice(start, end);
}

function isSpace(line: string, index: number): boolean {
  const character = line[index];
  return character === ' ' || character === '\t';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of a JSON object; `undefined` for anything else. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
