// @ts-check
import { ProblemError } from './api.js';
import { SseParser } from './sse-parser.js';

/** @import { ServerEvent } from './sse-parser.js' */

/**
 * Whether the page hears the server.
 *
 * @typedef {{ readonly kind: 'opening' }
 *   | { readonly kind: 'live' }
 *   | { readonly kind: 'lost', readonly reason: string }} Link
 */

/**
 * @typedef {object} StreamOptions
 * @property {(init: RequestInit) => Promise<Response>} open
 * @property {number} silenceMs how long nothing may be heard before the link counts as lost
 * @property {(event: ServerEvent) => void} onEvent
 * @property {(link: Link) => void} onLink every change
 * @property {(problem: ProblemError) => void} onRefused somebody else has to ask; the stream has ended
 */

/** From one attempt to be heard again to the next. */
const ATTEMPT_MS = 1_000;

/** Listens for as long as the page is open: what breaks, or falls silent, is opened again. */
export class EventStream {
  #stopping = new AbortController();
  #options;
  /** @type {string | undefined} */
  #lastId;
  /** @type {Link} */
  #link = { kind: 'opening' };

  /** @param {StreamOptions} options */
  constructor(options) {
    this.#options = options;
  }

  stop() {
    this.#stopping.abort();
  }

  /** Resolves once it was stopped or refused. */
  async run() {
    while (!this.#isStopped()) {
      const begunAt = performance.now();
      try {
        await this.#listen();
        // A server ends a stream now and then, so that whoever listens is asked again who it is.
        if (this.#link.kind === 'live') continue;
      } catch (error) {
        if (this.#isStopped()) return;
        if (error instanceof ProblemError && error.isRefusal) {
          this.#options.onRefused(error);
          return;
        }
        const wasLive = this.#link.kind === 'live';
        this.#become({ kind: 'lost', reason: reasonOf(error) });
        if (wasLive) continue;
      }
      const pauseMs = begunAt + ATTEMPT_MS - performance.now();
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  #isStopped() {
    return this.#stopping.signal.aborted;
  }

  /** Resolves when the server has ended the stream. */
  async #listen() {
    const attempt = new AbortController();
    const signal = AbortSignal.any([attempt.signal, this.#stopping.signal]);
    const watch = new SilenceWatch(this.#options.silenceMs, () => attempt.abort());
    try {
      /** @type {Record<string, string>} */
      const headers = this.#lastId === undefined ? {} : { 'last-event-id': this.#lastId };
      const response = await this.#options.open({ headers, signal });
      await this.#read(/** @type {ReadableStream<Uint8Array>} */ (response.body), watch);
    } catch (error) {
      throw attempt.signal.aborted ? new SilenceError(this.#options.silenceMs) : error;
    } finally {
      watch.end();
    }
  }

  /** @param {ReadableStream<Uint8Array>} body @param {SilenceWatch} watch */
  async #read(body, watch) {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watch.heard();
      this.#become({ kind: 'live' });
      for (const event of parser.push(decoder.decode(value, { stream: true }))) {
        this.#lastId = event.id ?? this.#lastId;
        this.#options.onEvent(event);
      }
    }
  }

  /** @param {Link} link */
  #become(link) {
    const isSame =
      link.kind === 'lost' && this.#link.kind === 'lost'
        ? link.reason === this.#link.reason
        : link.kind === this.#link.kind;
    if (isSame) return;
    this.#link = link;
    this.#options.onLink(link);
  }
}

class SilenceError extends Error {
  /** @param {number} silenceMs */
  constructor(silenceMs) {
    super(`Nothing was heard for ${(silenceMs / 1_000).toFixed(1)} s`);
  }
}

class SilenceWatch {
  #ms;
  #onSilence;
  #timer;

  /** @param {number} ms @param {() => void} onSilence */
  constructor(ms, onSilence) {
    this.#ms = ms;
    this.#onSilence = onSilence;
    this.#timer = setTimeout(onSilence, ms);
  }

  heard() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onSilence, this.#ms);
  }

  end() {
    clearTimeout(this.#timer);
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof ProblemError || error instanceof SilenceError) return error.message;
  return 'The server cannot be reached';
}
