import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { anchorsOf, documents, read, ROOT, withoutCode } from './markdown.js';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

describe('links of the documents to each other', () => {
  it.each(documents())('lead somewhere: %s', (document) => {
    const broken = [...withoutCode(read(document)).matchAll(LINK)]
      .map(([, link = '']) => link)
      .filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(document, link));
    expect(broken).toEqual([]);
  });
});

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : posix.join(posix.dirname(document), path);
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(read(target)).includes(anchor);
}
