import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../../../..');

describe('the copy of uPlot', () => {
  it.each(['uplot.js', 'uplot.css'])('is what npm run vendor makes: %s', (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'vendor-'));
    try {
      execFileSync(process.execPath, [join(ROOT, 'tools/vendor.mjs'), '--out', folder]);
      const copy = readFileSync(join(__dirname, name), 'utf8');
      expect(copy === readFileSync(join(folder, name), 'utf8')).toBe(true);
      expect(copy).toContain('The MIT License (MIT)');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
