// @ts-check
import { byId } from './dom.js';

const KEY = 'redis-cache.theme';
const CHOICES = /** @type {const} */ (['auto', 'light', 'dark']);

/** @typedef {(typeof CHOICES)[number]} Theme */

/**
 * Light or dark as the system has it, or as somebody has chosen.
 *
 * @param {() => void} onChange what is drawn rather than styled has to be drawn anew
 */
export function startTheme(onChange) {
  const button = byId('theme', HTMLButtonElement);
  let theme = stored();

  const apply = () => {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
    onChange();
  };

  button.addEventListener('click', () => {
    theme = CHOICES[(CHOICES.indexOf(theme) + 1) % CHOICES.length] ?? 'auto';
    localStorage.setItem(KEY, theme);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  apply();
}

/** @returns {Theme} */
function stored() {
  const value = localStorage.getItem(KEY);
  return CHOICES.find((choice) => choice === value) ?? 'auto';
}
