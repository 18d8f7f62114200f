/** `flywheel migrate`: brings the database up to date without starting anything else. */
import type { Settings } from '#platform/config.ts';
import { openDatabase } from '#platform/database.ts';
import { migrate as runMigrations } from '#platform/migrate.ts';
import { startDatabase } from './database.ts';

export async function migrate(settings: Settings): Promise<number> {
  const url = settings.FLYWHEEL_DATABASE_URL;
  const embedded = url === null ? await startDatabase({ settings }) : null;
  try {
    const handle = openDatabase({ url: url ?? embedded?.facts.url ?? '' });
    try {
      const ran = await runMigrations(handle.database);
      const lines =
        ran.length === 0 ? ['The database is up to date.'] : ran.map((name) => `ran ${name}`);
      process.stdout.write(`${lines.join('\n')}\n`);
    } finally {
      await handle.stop();
    }
  } finally {
    await embedded?.stop(0);
  }
  return 0;
}
