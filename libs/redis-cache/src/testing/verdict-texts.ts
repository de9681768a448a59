/** Each once, with how often it is there. */
export function counted(texts: readonly string[]): string[] {
  return [...new Set(texts)].map((text) => {
    const count = texts.filter((each) => each === text).length;
    return count === 1 ? text : `${text} (${count} times)`;
  });
}

export function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`;
}

export function listed(title: string, texts: readonly string[]): string {
  return texts.length === 0 ? `${title}: none` : `${title}: ${texts.join(', ')}`;
}

export function lines(...texts: (string | false)[]): string {
  return texts.filter((text) => text !== false).join('\n');
}
