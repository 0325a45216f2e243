/**
 * The values of an HTTP request that a decision depends on. `undefined` and `null` mean absent, which
 * differs from empty. Values are not trimmed.
 */
export interface CorsRequest {
  /** The request method as received; case-sensitive. */
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

/** The values of a WebSocket handshake that `checkOrigin` depends on. */
export interface Handshake {
  /** The path of the handshake, without the query. */
  readonly path?: string | null | undefined;
  /** The value of `Origin`. */
  readonly origin?: string | null | undefined;
  /** The value of `Host`, or of `:authority` in HTTP/2. */
  readonly host?: string | null | undefined;
}
