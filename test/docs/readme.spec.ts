import { AT } from '../../libs/redis-cache/src/codec/entry-layout.js';
import { decodeArguments } from '../../libs/redis-cache/src/keys/arguments.js';
import { KeySpace } from '../../libs/redis-cache/src/keys/key-space.js';
import { blocksOf, documents, read, sectionOf, withoutCode } from './markdown.js';

const readme = read('README.md');

describe('the README', () => {
  it('lists its sections before the first of them', () => {
    const [beginning = ''] = withoutCode(readme).split(/^## /m);
    const listed = [...beginning.matchAll(/^- \[(.+)\]\(#.+\)$/gm)].map(([, title]) => title);
    const sections = [...withoutCode(readme).matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect([...listed, 'License']).toEqual(sections);
  });

  it('shows Redis keys that the library makes', () => {
    const [block] = blocksOf(sectionOf(readme, 'Keys in Redis'));
    const keys = (block?.code ?? '')
      .trim()
      .split('\n')
      .map((line) => line.split('  ')[0] ?? '');
    const parsed = keys.map((key) => new KeySpace('crm').parse(key));
    expect(parsed).toMatchObject([
      { kind: 'entry', tenant: 'acme', cache: 'lead.byPhone', version: 1, key: '+15551234567' },
      { kind: 'lease', tenant: 'acme', cache: 'lead.byPhone', version: 1, key: '+15551234567' },
      { kind: 'entry', tenant: 'acme', cache: 'lead.search', version: 1 },
      { kind: 'entry', tenant: 'acme', cache: 'lead.range', version: 1 },
      { kind: 'entry', tenant: 'a/b', cache: 'lead.byId', version: 2, key: 'lead_7' },
      { kind: 'entry', tenant: null, cache: 'organization.byPhone', version: 1 },
    ]);
    const args = parsed.map((key) => key && 'key' in key && decodeArguments(key.key));
    expect(args.slice(2, 4)).toEqual([[{ page: 1, status: 'new' }], [10, 20]]);
    expect(sectionOf(readme, 'Keys in Redis')).toContain(`a header of ${AT.body} bytes`);
    expect(sectionOf(readme, 'Keys in Redis')).toContain(`' ${AT.body} -1`);
  });
});

describe('the documents', () => {
  it('name scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents().flatMap((document) =>
      [...read(document).matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)].map(
        ([, script, short]) => script ?? short ?? '',
      ),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});
