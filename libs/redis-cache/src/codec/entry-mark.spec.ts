import { asBuffer } from './binary.js';
import { markOf, NO_MARK } from './entry-mark.js';
import { encodeEntry } from './envelope.js';

const CREATED_AT_MS = 1_700_000_000_000;

function entry(payload: string, createdAtMs = CREATED_AT_MS): string {
  const header = {
    codecId: 1,
    createdAtMs,
    freshUntilMs: createdAtMs + 1_000,
    usableUntilMs: createdAtMs + 2_000,
    digest: 'a'.repeat(11),
    tags: [],
  };
  return encodeEntry(header, payload) as string;
}

describe('markOf', () => {
  it('is the same of an entry as text and as bytes, and another one of nearly any other', () => {
    const entries = Array.from({ length: 100 }, (_, i) => entry('{}', CREATED_AT_MS + (i % 4)));
    const marks = entries.map((text) => markOf(text));
    expect(entries.map((text) => markOf(asBuffer(text)))).toEqual(marks);
    // Of four times 262,144 marks, so that more than one pair among a hundred is next to impossible.
    expect(new Set(marks).size).toBeGreaterThanOrEqual(98);
    for (const mark of marks) expect(mark).toBeGreaterThanOrEqual(0);
  });

  it('tells entries made at other times by their time alone', () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    try {
      const marks = [0, 1, 2, 3].map((ms) => markOf(entry('{}', CREATED_AT_MS + ms)));
      expect(new Set(marks).size).toBe(4);
    } finally {
      jest.restoreAllMocks();
    }
  });

  it('is none of a damaged entry', () => {
    const text = entry('{}');
    for (const damaged of ['*', ' ', 'é', '€']) {
      const other = `${text.slice(0, 12)}${damaged}${text.slice(13)}`;
      expect(markOf(other)).toBe(NO_MARK);
      expect(markOf(asBuffer(other))).toBe(NO_MARK);
    }
  });

  it.each([
    '',
    'short',
    'x'.repeat(60),
    entry('{}').slice(0, 45),
    entry('{}').replace('rc2', 'rc1'),
  ])('is none of what is no entry: %j', (text) => {
    expect(markOf(text)).toBe(NO_MARK);
    expect(markOf(asBuffer(text))).toBe(NO_MARK);
  });
});
