/** A picture whose bytes are in memory; its address is given back when nobody shows it. */
import { useCallback } from 'react';

export type BlobPictureProps = Readonly<{ blob: Blob; alt: string; className?: string }>;

export function BlobPicture({ blob, alt, className }: BlobPictureProps) {
  const show = useCallback(
    (element: HTMLImageElement) => {
      const url = URL.createObjectURL(blob);
      element.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [blob],
  );
  return <img ref={show} alt={alt} className={className} />;
}
