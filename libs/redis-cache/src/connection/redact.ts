const HIDDEN = '***';

/** `?password=…` and its like, in a URL or anywhere in a text. */
const SECRET_PARAMETER = /([?&;](?:[a-z]*password|passwd|pass|auth|token|secret)=)[^&#;\s'"]*/gi;

/**
 * The user part of a URL. It ends at the last `@` of the word, for a password that was not
 * percent-encoded may contain further ones: better to hide a piece of host than to show one of it.
 */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/)([^\s'"]*)@/gi;

/** A secret as an option of an object that was printed. */
const SECRET_FIELD =
  /((["']?)[a-z]*(?:password|passwd)\2\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,}&]+)/gi;

/**
 * A URL fit for errors, logs and health answers: its password, in front of the host or as a
 * parameter, reads `***`. The user name stays. A text that is no URL comes back without whatever in
 * it looks like one.
 */
export function redactUrl(url: string): string {
  return url.replace(SECRET_PARAMETER, `$1${HIDDEN}`).replace(USER_INFO, hidePassword);
}

/**
 * Any text, free of the passwords of URLs, of password parameters and of password fields in it.
 *
 * @param secrets further texts to hide wherever they occur
 */
export function redactSecrets(text: string, secrets: readonly string[] = []): string {
  const known = secrets
    .filter((secret) => secret !== '')
    .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return redactUrl(known).replace(SECRET_FIELD, `$1${HIDDEN}`);
}

function hidePassword(_match: string, scheme: string, userInfo: string): string {
  const colon = userInfo.indexOf(':');
  return colon < 0 ? `${scheme}${userInfo}@` : `${scheme}${userInfo.slice(0, colon)}:${HIDDEN}@`;
}
