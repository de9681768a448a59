/** What has come of one cell. */
export type Verdict =
  | { readonly kind: 'works' }
  | { readonly kind: 'fails'; readonly error: string }
  /** It fails as is known of it. */
  | { readonly kind: 'limit'; readonly reason: string };
