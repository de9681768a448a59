// @ts-check

/**
 * @typedef {string | number | boolean | undefined | ((event: Event) => void)} Attribute
 */

/**
 * Makes an element. Strings become text, never markup, whatever they hold.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} [attributes] a function listens to the event of that name; false
 *   and undefined leave the attribute out
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * The element of the page that has this id.
 *
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind] what it has to be
 * @returns {Kind}
 * @throws {Error} the page has no such element
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  const expected = kind ?? HTMLElement;
  if (element instanceof expected) return /** @type {Kind} */ (element);
  throw new Error(`The page has no ${expected.name} with the id ${id}.`);
}

/**
 * Writes only what has changed, so that selections and screen readers are left alone.
 *
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Terms and what they are, as the content of a `dl`.
 *
 * @param {readonly (readonly [term: string, value: string])[]} pairs
 * @returns {HTMLElement[]}
 */
export function facts(pairs) {
  return pairs.map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', {}, value)));
}
