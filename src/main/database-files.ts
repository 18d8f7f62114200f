/** Makes the files of an empty database in a folder and ends. Run by `database.ts`. */
import { PGlite } from '@electric-sql/pglite';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new TypeError('the folder is missing');
process.on('disconnect', () => process.exit(1));
const database = await PGlite.create({ dataDir: folder });
await database.close();
process.exit(0);
