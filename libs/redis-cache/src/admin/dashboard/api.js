// @ts-check
/** @import { AdminProblem } from '../admin.contract.js' */

/** An answer that is not what was asked for. */
export class ProblemError extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {AdminProblem['errors']} [errors] the fields at fault
   */
  constructor(status, detail, errors = []) {
    super(detail);
    this.name = 'ProblemError';
    this.status = status;
    this.errors = errors;
  }

  /** Whether somebody else has to ask. */
  get isRefusal() {
    return this.status === 401 || this.status === 403;
  }
}

/** How long an answer is waited for. */
const TIMEOUT_MS = 10_000;

/** Asks the server. Every address is relative to the page. */
export class Api {
  /** @type {string | undefined} */
  #credential;
  /** @type {string | null} */
  #header = null;

  /**
   * @param {string | null} header null where the browser itself sends a credential
   * @param {string | undefined} credential
   */
  use(header, credential) {
    this.#header = header;
    this.#credential = credential;
  }

  /**
   * @template Answer
   * @param {string} path
   * @param {Record<string, string | boolean | undefined>} [query]
   * @param {'GET' | 'DELETE'} [method]
   * @returns {Promise<Answer>}
   * @throws {ProblemError} the server said no
   * @throws {TypeError} it cannot be reached
   */
  async ask(path, query = {}, method = 'GET') {
    const stated = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(stated.map(([name, value]) => [name, String(value)]));
    const address = search.size > 0 ? `${path}?${search}` : path;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.open(address, { method, signal });
    return /** @type {Promise<Answer>} */ (response.json());
  }

  /**
   * Puts an object there.
   *
   * @template Answer
   * @param {string} path
   * @param {object} body
   * @returns {Promise<Answer>}
   * @throws as {@link ask} does
   */
  async send(path, body) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'PUT', headers, body: JSON.stringify(body), signal };
    const response = await this.open(path, init);
    return /** @type {Promise<Answer>} */ (response.json());
  }

  /**
   * @param {string} address
   * @param {RequestInit} init
   * @returns {Promise<Response>} one that is well
   */
  async open(address, init) {
    const headers = new Headers(init.headers);
    if (this.#header !== null && this.#credential !== undefined) {
      headers.set(this.#header, this.#credential);
    }
    const response = await fetch(address, { ...init, headers, cache: 'no-store' });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

/** @param {Response} response */
async function problemOf(response) {
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  if (!response.headers.get('content-type')?.includes('json')) {
    return new ProblemError(response.status, fallback);
  }
  const body = /** @type {Partial<AdminProblem>} */ (await response.json().catch(() => ({})));
  return new ProblemError(response.status, body.detail ?? body.title ?? fallback, body.errors);
}
