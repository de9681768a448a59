import type { ChartScale } from '../measure/workload.js';

/** A group of bars that share a heading. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Written behind the bar. */
  readonly text: string;
  readonly kind: 'ours' | 'reference' | 'other';
}

const WIDTH = 760;
const LABEL_WIDTH = 230;
const TEXT_WIDTH = 110;
const BAR_HEIGHT = 14;
const ROW_HEIGHT = 20;
const HEADING_HEIGHT = 30;

/** Readable on light and dark pages: the colours follow the reader's setting. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 14px; }
  .heading { font-weight: 600; }
  .note { fill: #57606a; }
  .ours { fill: #0969da; } .reference { fill: #8c959f; } .other { fill: #d0a215; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .note { fill: #9198a1; }
    .ours { fill: #4493f8; } .reference { fill: #656c76; } .other { fill: #bb8009; }
  }`;

/** Horizontal bars, as SVG. */
export function barChart(
  title: string,
  note: string,
  groups: readonly BarGroup[],
  scale: ChartScale,
): string {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const lengthOf = lengths(values, scale);
  const parts: string[] = [];
  let y = 44;
  for (const group of groups) {
    y += HEADING_HEIGHT;
    parts.push(text(0, y - 8, group.title, 'heading'));
    for (const bar of group.bars) {
      parts.push(...barParts(bar, y, lengthOf(bar.value)));
      y += ROW_HEIGHT;
    }
  }
  const height = y + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${STYLE}</style>`,
    text(0, 16, title, 'title'),
    text(0, 36, note, 'note'),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function barParts(bar: Bar, y: number, length: number): string[] {
  const middle = y + BAR_HEIGHT - 3;
  return [
    `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escape(bar.label)}</text>`,
    `<rect class="${bar.kind}" x="${LABEL_WIDTH}" y="${y}" width="${length.toFixed(1)}" height="${BAR_HEIGHT}" rx="2"/>`,
    text(Math.round(LABEL_WIDTH + length + 6), middle, bar.text, 'note'),
  ];
}

/** On a logarithmic scale a bar begins a little below the smallest value, so that it can be seen. */
function lengths(values: readonly number[], scale: ChartScale): (value: number) => number {
  const room = WIDTH - LABEL_WIDTH - TEXT_WIDTH;
  const max = Math.max(...values);
  if (scale === 'linear') return (value) => (max > 0 ? Math.max(1, (value / max) * room) : 1);
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive) / 2;
  const span = Math.log(max / least);
  return (value) => (value > 0 ? Math.max(1, (Math.log(value / least) / span) * room) : 1);
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${x}" y="${y}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
