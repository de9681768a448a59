/** All that guards need of a request: Fastify's and Express's alike. */
export interface RequestWithHeaders {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}
