import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Converter, OptionDefaults } from 'typedoc';

/** The front page; its groups, their order and the names of the pages are those of the site. */
const INDEX = 'docs/README.md';
const GROUP = /^## (.+)\n([^]*?)(?=^## |(?![^]))/gm;
const PAGE = /\[([^\]]+)\]\(([^)#]+\.md)\)/g;
const DECISIONS = 'Decisions';

const pages = [...readFileSync(INDEX, 'utf8').matchAll(GROUP)].flatMap(([, group, list]) =>
  [...list.matchAll(PAGE)].map(([, name, link]) => ({
    group,
    name,
    file: path.posix.join('docs', link),
  })),
);
const groups = [...new Set(pages.map(({ group }) => group))];

/** Instead of by their files. A decision has its heading. */
function nameDocuments(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const page = pages.find(({ file }) => file === `${document.name}.md`);
    const [{ text }] = document.content;
    document.name = page?.name ?? /^# (.+)$/m.exec(text)?.[1] ?? document.name;
    document.frontmatter.group = page?.group ?? DECISIONS;
  });
}

/** @type {import('typedoc').TypeDocOptions} */
export default {
  name: 'nestjs-redis-cache',
  out: 'dist/docs',
  plugin: [nameDocuments],
  entryPoints: ['libs/redis-cache/src/index.ts', 'libs/redis-cache/src/*/index.ts'],
  tsconfig: 'libs/redis-cache/tsconfig.lib.json',
  // The build looks at the types, by the same settings.
  skipErrorChecking: true,
  readme: INDEX,
  projectDocuments: [...pages.map(({ file }) => file), 'docs/decisions/0*.md'],
  groupOrder: [...groups, DECISIONS, '*'],
  navigation: { includeGroups: true },
  highlightLanguages: [...OptionDefaults.highlightLanguages, 'diff', 'mermaid'],
  // Links to the source need a remote, which a copy of the repository may not have.
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  // Steps on the way to what an exported type comes to.
  intentionallyNotExported: ['Misfit', 'RESERVED_OPTIONS', 'RedisReply'],
  // Paths are checked by test/docs/links.spec.ts, which knows folders too.
  validation: { invalidPath: false },
  treatWarningsAsErrors: true,
};
