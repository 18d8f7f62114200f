/** A formula in TeX, drawn as MathML by the browser itself. Until it is drawn, and where it is wrong, its text stands there. */
import { useEffect, useRef } from 'react';

export type FormulaProps = Readonly<{ tex: string; isBlock?: boolean }>;

/** No author of a card writes more; macros that write themselves end here. */
const EXPANSIONS_MAX = 500;
/** In em, so that no rule or space covers the page. */
const SIZE_MAX = 40;
const TEX_LENGTH_MAX = 4000;

export function Formula({ tex, isBlock }: FormulaProps) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (tex.length > TEX_LENGTH_MAX) return undefined;
    const gone = new AbortController();
    void draw(tex, isBlock === true, () => (gone.signal.aborted ? null : place.current));
    return () => gone.abort();
  }, [tex, isBlock]);
  return (
    <span
      // The library writes into it; a new text gets an element of its own.
      key={tex}
      ref={place}
      className={
        isBlock === true
          ? 'my-1 block overflow-x-auto py-1 text-center text-[1.1em]'
          : 'text-[1.05em]'
      }
    >
      {tex}
    </span>
  );
}

/** Into what is still there when the library has arrived. */
async function draw(
  tex: string,
  displayMode: boolean,
  place: () => HTMLSpanElement | null,
): Promise<void> {
  const { default: temml } = await import('temml');
  const element = place();
  if (element === null) return;
  try {
    // Elements are made one by one: no text of the card is read as HTML, and nothing in it is a link.
    temml.render(tex, element, {
      displayMode,
      throwOnError: true,
      trust: false,
      maxExpand: EXPANSIONS_MAX,
      maxSize: [SIZE_MAX, SIZE_MAX],
    });
  } catch {
    // Not TeX as it is known here: what the author wrote is the best there is to show.
    element.textContent = tex;
  }
}
