// @ts-check

/**
 * @typedef {object} ServerEvent
 * @property {string} type
 * @property {string} data
 * @property {string | undefined} id
 */

/**
 * Reads Server-Sent Events, as of the HTML standard, section 9.2.6. The browser's own reader of them
 * can send no header, and so no credential.
 */
export class SseParser {
  #rest = '';
  /** @type {string[]} */
  #data = [];
  #type = '';
  /** @type {string | undefined} */
  #id;

  /**
   * @param {string} text what has come, cut anywhere
   * @returns {ServerEvent[]} those that it completes
   */
  push(text) {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    /** @type {ServerEvent[]} */
    const events = [];
    for (const line of lines) {
      const event = this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (event) events.push(event);
    }
    return events;
  }

  /** @param {string} line */
  #line(line) {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return undefined;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id') this.#id = value;
    return undefined;
  }

  #dispatch() {
    const [data, type, id] = [this.#data, this.#type, this.#id];
    [this.#data, this.#type] = [[], ''];
    return data.length > 0 ? { type: type || 'message', data: data.join('\n'), id } : undefined;
  }
}
