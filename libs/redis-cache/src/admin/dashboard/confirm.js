// @ts-check
import { byId, facts } from './dom.js';

/**
 * Asks before something is done that cannot be undone. The focus goes to the answer that does nothing,
 * and comes back afterwards.
 *
 * @param {readonly (readonly [term: string, value: string])[]} about what it would be done to
 * @returns {Promise<boolean>}
 */
export function confirmEviction(about) {
  const dialog = byId('confirm', HTMLDialogElement);
  byId('confirm-facts').replaceChildren(...facts(about));
  byId('confirm-yes').onclick = () => dialog.close('yes');
  byId('confirm-no').onclick = () => dialog.close('no');
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}
