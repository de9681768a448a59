// @ts-check
import { make, setText } from './dom.js';

/**
 * @template Row
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: Row) => string} text
 * @property {(row: Row) => number | string | undefined} [order] by which rows can be sorted; undefined is last
 * @property {boolean} [numeric] right-aligned, and sorted from the greatest down at first
 * @property {'code' | 'prose' | 'brief'} [kind] written as in code; or sentences, which want some
 *   width; what is brief stays on one line
 * @property {(row: Row) => string} [tone] of the cell, for the style sheet
 * @property {(row: Row) => number} [share] from 0 to 1, drawn as a bar behind the text
 * @property {{ label: (row: Row) => string, press: (row: Row) => void, of?: (row: Row) => boolean }} [button]
 *   what its text does when pressed, where `of` says so; `label` is for screen readers
 */

/**
 * @template Row
 * @typedef {object} TableOptions
 * @property {string} caption for screen readers
 * @property {readonly Column<Row>[]} columns the first one names the row
 * @property {(row: Row) => string} keyOf what makes a row the same as before
 * @property {number} [sortBy] index of a column that can be sorted
 * @property {boolean} [scrolls] whether it may be wider or longer than its place
 * @property {string} empty what stands there when there is nothing
 */

/**
 * A table that is updated in place: rows stay the elements that they are, so that focus and selection
 * survive new figures.
 *
 * @template Row
 */
export class DataTable {
  #options;
  #body = make('tbody');
  #empty;
  #frame;
  /** @type {Map<string, { element: HTMLTableRowElement, row: Row }>} */
  #rows = new Map();
  /** @type {readonly Row[]} */
  #latest = [];
  /** @type {{ index: number, descending: boolean } | undefined} */
  #sort;
  /** @type {HTMLTableCellElement[]} */
  #heads;

  /** @param {HTMLElement} parent @param {TableOptions<Row>} options */
  constructor(parent, options) {
    this.#options = options;
    const { caption, columns, sortBy } = options;
    this.#heads = columns.map((column, index) => this.#head(column, index));
    this.#empty = make('p', { class: 'empty' }, options.empty);
    this.#frame = make(
      'div',
      options.scrolls ? scrolling(caption) : {},
      make(
        'table',
        {},
        make('caption', { class: 'unseen' }, caption),
        make('thead', {}, make('tr', {}, ...this.#heads)),
        this.#body,
      ),
    );
    parent.append(this.#frame, this.#empty);
    if (sortBy !== undefined) this.#sortBy(sortBy);
  }

  /** @param {readonly Row[]} rows */
  render(rows) {
    this.#latest = rows;
    this.#frame.hidden = rows.length === 0;
    this.#empty.hidden = rows.length > 0;
    const sorted = this.#sorted(rows);
    const kept = new Set(sorted.map(this.#options.keyOf));
    for (const [key, { element }] of this.#rows) {
      if (kept.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    sorted.forEach((row, index) => {
      const element = this.#element(row);
      if (this.#body.children[index] !== element) {
        this.#body.insertBefore(element, this.#body.children[index] ?? null);
      }
    });
  }

  /** @param {Column<Row>} column @param {number} index */
  #head({ title, numeric, order }, index) {
    const attributes = { scope: 'col', class: numeric ? 'numeric' : undefined };
    if (!order) return make('th', attributes, title);
    const press = () => {
      this.#sortBy(index);
      this.render(this.#latest);
    };
    return make('th', attributes, make('button', { type: 'button', click: press }, title));
  }

  /** @param {number} index the same one again turns the order round */
  #sortBy(index) {
    const wasDescending = this.#sort?.index === index ? this.#sort.descending : undefined;
    const isNumeric = this.#options.columns[index]?.numeric ?? false;
    const descending = wasDescending === undefined ? isNumeric : !wasDescending;
    this.#sort = { index, descending };
    this.#heads.forEach((head, each) => {
      if (each === index) head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
  }

  /** @param {readonly Row[]} rows */
  #sorted(rows) {
    const order = this.#sort && this.#options.columns[this.#sort.index]?.order;
    if (!order) return rows;
    const sign = this.#sort?.descending ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [left, right] = [order(a), order(b)];
      if (left === undefined || right === undefined) {
        return Number(left === undefined) - Number(right === undefined);
      }
      return left < right ? -sign : left > right ? sign : 0;
    });
  }

  /** @param {Row} row */
  #element(row) {
    const key = this.#options.keyOf(row);
    const known = this.#rows.get(key);
    const held = known ?? { element: make('tr'), row };
    held.row = row;
    if (!known) {
      held.element.append(
        ...this.#options.columns.map((column, at) => this.#cell(column, at, held)),
      );
      this.#rows.set(key, held);
    }
    this.#options.columns.forEach((column, index) => {
      fill(/** @type {HTMLElement} */ (held.element.children[index]), column, row);
    });
    return held.element;
  }

  /** @param {Column<Row>} column @param {number} index @param {{ row: Row }} held */
  #cell({ numeric, kind, button }, index, held) {
    const kinds = [numeric && 'numeric', kind].filter(Boolean).join(' ');
    const attributes = { class: kinds || undefined };
    const cell = index === 0 ? make('th', { scope: 'row', ...attributes }) : make('td', attributes);
    if (button && (button.of?.(held.row) ?? true)) {
      const press = () => button.press(held.row);
      cell.append(make('button', { type: 'button', class: 'link', click: press }));
    }
    return cell;
  }
}

/** @param {string} caption */
function scrolling(caption) {
  return { class: 'table-frame', role: 'group', tabindex: 0, 'aria-label': caption };
}

/**
 * @template Row
 * @param {HTMLElement} cell
 * @param {Column<Row>} column
 * @param {Row} row
 */
function fill(cell, { text, tone, share, button }, row) {
  const target = cell.firstElementChild ?? cell;
  setText(target, text(row));
  if (button && target !== cell) target.setAttribute('aria-label', button.label(row));
  if (tone) cell.dataset.tone = tone(row);
  if (!share) return;
  cell.classList.add('share');
  cell.style.setProperty('--share', `${(share(row) * 100).toFixed(1)}%`);
}
