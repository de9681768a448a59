import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Converter, OptionDefaults } from 'typedoc';

/** The front page; its order and its headings are those of the site. */
const INDEX = 'docs/README.md';
const GROUP = /^## (.+)\n([^]*?)(?=^## |(?![^]))/gm;
const PAGE = /\]\(([^)#]+\.md)\)/g;

const groups = [...readFileSync(INDEX, 'utf8').matchAll(GROUP)].map(([, name, pages]) => ({
  name,
  pages: [...pages.matchAll(PAGE)].map(([, link]) => path.posix.join('docs', link)),
}));

/** Has the pages named by their headings, instead of their files. */
function nameDocuments(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const group = groups.find(({ pages }) => pages.includes(`${document.name}.md`));
    document.frontmatter.group = group?.name ?? 'Decisions';
    const [{ text }] = document.content;
    document.name = /^# (.+)$/m.exec(text)?.[1] ?? document.name;
  });
}

/** @type {import('typedoc').TypeDocOptions} */
export default {
  name: 'nestjs-redis-cache',
  out: 'dist/docs',
  plugin: [nameDocuments],
  entryPoints: ['libs/redis-cache/src/index.ts', 'libs/redis-cache/src/*/index.ts'],
  tsconfig: 'libs/redis-cache/tsconfig.lib.json',
  readme: INDEX,
  projectDocuments: [...groups.flatMap(({ pages }) => pages), 'docs/decisions/0*.md'],
  groupOrder: [...groups.map(({ name }) => name), 'Decisions', '*'],
  highlightLanguages: [...OptionDefaults.highlightLanguages, 'mermaid'],
  excludeInternal: true,
  excludePrivate: true,
  // Steps on the way to what an exported type comes to.
  intentionallyNotExported: ['Misfit', 'RESERVED_OPTIONS', 'RedisReply'],
  // Paths are checked by test/docs/links.spec.ts, which knows folders too.
  validation: { invalidPath: false },
  treatWarningsAsErrors: true,
};
