import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeChanges } from './file-change.js';

describe('writing several files', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'file-change-'));
    await writeFile(at('old'), 'before');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const old = () => ({ path: at('old'), before: 'before', after: 'after' });
  const made = (name: string) => ({ path: at(name), before: undefined, after: 'made' });

  it('writes all of them', async () => {
    await writeChanges([old(), made('new')]);
    expect(await readFile(at('old'), 'utf8')).toBe('after');
    expect(await readFile(at('new'), 'utf8')).toBe('made');
    expect((await readdir(folder)).sort()).toEqual(['new', 'old']);
  });

  it('writes none, where one cannot be prepared', async () => {
    await expect(writeChanges([old(), made('missing/new')])).rejects.toThrow('ENOENT');
    expect(await readFile(at('old'), 'utf8')).toBe('before');
    expect(await readdir(folder)).toEqual(['old']);
  });

  it('takes back what it has written, where one cannot take its place', async () => {
    await mkdir(at('taken'));
    await expect(writeChanges([old(), made('new'), made('taken')])).rejects.toThrow();
    expect(await readFile(at('old'), 'utf8')).toBe('before');
    expect((await readdir(folder)).sort()).toEqual(['old', 'taken']);
  });
});
