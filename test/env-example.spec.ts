import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchema } from '../apps/voice-agent/src/config/environment.js';

const ROOT = join(__dirname, '..');
/** `process.env.NAME`, `process.env['NAME']` */
const READ = /\bprocess\.env(?:\.|\[['"])([A-Z_][A-Z0-9_]*)/g;
const LINE = /^([A-Z_][A-Z0-9_]*)=(.*)$/;

const shape: Record<string, { safeParse: (value: unknown) => unknown }> = environmentSchema.shape;

interface Example {
  readonly name: string;
  readonly value: string;
  /** The comment right above it. */
  readonly comment: string;
}

describe('.env.example', () => {
  const examples = parse(readFileSync(join(ROOT, '.env.example'), 'utf8'));

  it('lists exactly what the sources read, each once', () => {
    const read = new Set([...Object.keys(shape), ...readByName('apps'), ...readByName('libs')]);
    expect(examples.map(({ name }) => name).sort()).toEqual([...read].sort());
  });

  it('says of each what it is for', () => {
    const unexplained = examples.filter(({ comment }) => comment.length === 0);
    expect(unexplained.map(({ name }) => name)).toEqual([]);
  });

  it.each(examples.filter(({ name }) => name in shape).map(({ name, value }) => [name, value]))(
    'gives %s the value it has when it is not set',
    (name, value) => {
      expect(shape[name]?.safeParse(value)).toEqual(shape[name]?.safeParse(undefined));
    },
  );
});

function parse(text: string): Example[] {
  const examples: Example[] = [];
  let comment = '';
  for (const line of text.split('\n')) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name !== undefined && value !== undefined) examples.push({ name, value, comment });
    comment = line.startsWith('#') ? comment + line.slice(1).trim() : '';
  }
  return examples;
}

function readByName(folder: string): string[] {
  return sourcesIn(join(ROOT, folder)).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(READ)].map(([, name]) => name!),
  );
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|mjs)$/.test(file))
    .filter((file) => !/\.spec\.ts$|(?:^|[/\\])dist[/\\]/.test(file))
    .map((file) => join(folder, file));
}
