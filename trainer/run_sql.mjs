// Runs queries for real on PGlite, the database that Flywheel embeds.
//   node run_sql.mjs QUERIES.json SCHEMA.sql SEED.sql
// QUERIES is a list of SQL texts. Prints JSON: for each, { rows: [[text or null, ...], ...] } or { error }.
import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';

const [queriesPath, ...setupPaths] = process.argv.slice(2);
if (!queriesPath || setupPaths.length === 0) {
  console.error('usage: node run_sql.mjs QUERIES.json SCHEMA.sql SEED.sql');
  process.exit(2);
}
const database = await PGlite.create();
for (const path of setupPaths) await database.exec(readFileSync(path, 'utf8'));

const results = [];
for (const query of JSON.parse(readFileSync(queriesPath, 'utf8'))) {
  try {
    await database.exec('begin transaction read only');
    const { rows } = await database.query(query, [], { rowMode: 'array' });
    results.push({ rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))) });
  } catch (error) {
    results.push({ error: error.message });
  } finally {
    await database.exec('rollback');
  }
}
console.log(JSON.stringify(results));
await database.close();
