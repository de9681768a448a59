const HIDDEN = '***';

/** `?password=…` and its like, in a URL or anywhere in a text. */
const SECRET_PARAMETER = /([?&;](?:[a-z]*password|passwd|pass|auth|token|secret)=)[^&#;\s'"]*/gi;

/**
 * User and password in front of a host, also where the scheme is missing or spoilt. They end at the
 * last `@` of the word, for a password that was not percent-encoded may contain further ones: better
 * to hide a piece of host than to show one of it.
 */
const USER_INFO = /((?:[a-z][a-z0-9+.-]*:\/\/)?)([^\s'"]*)@/gi;

/** A secret as an option of an object that was printed. */
const SECRET_FIELD =
  /((["']?)[a-z]*(?:password|passwd)\2\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,}&]+)/gi;

/**
 * A URL fit for errors, logs and health answers: its password, in front of the host or as a
 * parameter, reads `***`; the user name stays.
 */
export function redactUrl(url: string): string {
  return url.replace(SECRET_PARAMETER, `$1${HIDDEN}`).replace(USER_INFO, hidePassword);
}

/** Any text, free of the passwords in its URLs and of whatever it calls a password. */
export function redactSecrets(text: string): string {
  return redactUrl(text).replace(SECRET_FIELD, `$1${HIDDEN}`);
}

function hidePassword(_match: string, scheme: string, userInfo: string): string {
  const colon = userInfo.indexOf(':');
  return colon < 0 ? `${scheme}${userInfo}@` : `${scheme}${userInfo.slice(0, colon)}:${HIDDEN}@`;
}
