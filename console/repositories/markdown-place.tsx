/** Where a card's relative paths lead: pictures are fetched as the member, links open the file's page. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { LINK_CLASS, type MarkdownPlace } from '../markdown/markdown.tsx';
import type { RepositorySearch } from '../search.ts';
import { BlobPicture } from '../ui/blob-picture.tsx';
import { MAIN, PAGES, type RepositoryAddress, endingOf, joinPath, paramsOf } from './address.ts';
import { pictureQuery } from './queries.ts';

export type PlaceOf = Readonly<{
  at: RepositoryAddress;
  revision: string;
  /** The folder of the text itself. */
  folder: string;
}>;

export function useMarkdownPlace({ at, revision, folder }: PlaceOf): MarkdownPlace {
  const { kind, name } = at;
  return useMemo(
    () => ({
      Picture: ({ path, alt }) => (
        <RepositoryPicture
          at={{ kind, name }}
          revision={revision}
          path={joinPath(folder, path)}
          alt={alt}
        />
      ),
      PathLink: ({ path, children }) => (
        <Link
          to={PAGES[kind]}
          params={paramsOf(name)}
          search={searchOf(revision, joinPath(folder, path))}
          className={LINK_CLASS}
        >
          {children}
        </Link>
      ),
    }),
    [kind, name, revision, folder],
  );
}

/** Of a file's page. */
export function searchOf(revision: string, path: string): RepositorySearch {
  return {
    tab: 'files',
    ...(path === '' ? {} : { path }),
    ...(revision === MAIN ? {} : { at: revision }),
  };
}

/** What a browser draws as a picture; an SVG drawn so runs no script. */
export const PICTURE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  svg: 'image/svg+xml',
};

export type RepositoryPictureProps = Readonly<{
  at: RepositoryAddress;
  revision: string;
  path: string;
  alt: string;
}>;

export function RepositoryPicture({ at, revision, path, alt }: RepositoryPictureProps) {
  const type = PICTURE_TYPES[endingOf(path)];
  const { data } = useQuery({
    ...pictureQuery(at, { revision, path }, type ?? ''),
    enabled: type !== undefined,
    retry: false,
  });
  if (data === undefined) return <span className="text-muted">{alt === '' ? path : alt}</span>;
  return <BlobPicture blob={data} alt={alt} className="inline-block max-w-full rounded-md" />;
}
