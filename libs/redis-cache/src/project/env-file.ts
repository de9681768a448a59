/** A variable of the environment that the cache is set up by. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  /** What it says, in one line. */
  readonly about: string;
}

/** A text of lines `NAME=value`, and what was added to it. */
export interface EnvFileEdit {
  readonly text: string;
  readonly added: readonly string[];
}

/** Adds the variables that a file does not have; those that it has, stay as they are. */
export function withVariables(text: string, variables: readonly Variable[]): EnvFileEdit {
  const missing = variables.filter(({ name }) => !isSet(text, name));
  if (missing.length === 0) return { text, added: [] };
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = missing.flatMap(({ name, value, about }) => [`# ${about}`, `${name}=${value}`]);
  const ended = text === '' || text.endsWith('\n') ? text : text + lineEnd;
  const gap = ended === '' ? '' : lineEnd;
  return {
    text: `${ended}${gap}${lines.map((line) => line + lineEnd).join('')}`,
    added: missing.map(({ name }) => name),
  };
}

function isSet(text: string, name: string): boolean {
  return new RegExp(`^\\s*(?:export\\s+)?${name}\\s*[=:]`, 'm').test(text);
}
