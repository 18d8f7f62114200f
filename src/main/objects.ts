/** Where this cloud keeps bytes: a bucket when one is set, else a folder of the home. */
import { join } from 'node:path';
import type { Settings } from '#platform/config.ts';
import type { ObjectStore } from '#platform/objects.ts';
import { createFolderObjects } from '#platform/objects/folder.ts';
import { createS3Objects } from '#platform/objects/s3.ts';
import { objectsFolder } from './home.ts';

export function openObjects(settings: Settings): ObjectStore {
  const { FLYWHEEL_S3_URL: url } = settings;
  const folder = objectsFolder(settings.FLYWHEEL_HOME);
  if (url === null) return createFolderObjects({ folder });
  return createS3Objects({ url, stagingFolder: join(folder, 'tmp') });
}
