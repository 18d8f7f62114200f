import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { REFERENCE_FOLDER, renderReference } from '../scripts/reference.ts';

it('docs/reference says what the code says (npm run reference writes it)', async () => {
  for (const [name, text] of await renderReference()) {
    assert.equal(readFileSync(join(REFERENCE_FOLDER, name), 'utf8'), text, name);
  }
});
