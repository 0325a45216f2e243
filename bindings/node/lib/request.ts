/**
 * The parts of an HTTP request that a decision looks at. A part that is `undefined` or `null` is
 * absent, which is not the same as empty. Nothing is trimmed.
 */
export interface CorsRequest {
  /** The request method, as received; compared case-sensitively. */
  readonly method?: string | null | undefined;
  /** The path that the framework routes on, without the query. */
  readonly path?: string | null | undefined;
  /** The value of `Origin`. */
  readonly origin?: string | null | undefined;
  /** The value of `Access-Control-Request-Method`. */
  readonly accessControlRequestMethod?: string | null | undefined;
  /** The value of `Access-Control-Request-Headers`, several lines joined with `", "`. */
  readonly accessControlRequestHeaders?: string | null | undefined;
}

/** The parts of a WebSocket handshake that decide whether it may go on, absent as in a request. */
export interface Handshake {
  /** The path that the handshake asks for, without the query. */
  readonly path?: string | null | undefined;
  /** The value of `Origin`. */
  readonly origin?: string | null | undefined;
  /** The value of `Host`, or of `:authority` in HTTP/2. */
  readonly host?: string | null | undefined;
}
