/**
 * Where server-sent events end, in bytes. Lines may end in LF, CR LF or CR, and a chunk may be cut
 * anywhere; everything that matters to the grammar is ASCII, so no character is ever cut by a split
 * at an event's end. https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
const LF = 10;
const CR = 13;

/** Index just past the blank line that ends the event at `from`, or -1. `text` is the bytes as Latin-1. */
export function eventEnd(text: string, from: number, hasCarriageReturn: boolean): number {
  if (!hasCarriageReturn) {
    const at = text.indexOf('\n\n', from);
    return at === -1 ? -1 : at + 2;
  }
  let index = from;
  while (index < text.length) {
    const code = text.charCodeAt(index);
    if (code !== LF && code !== CR) {
      index += 1;
      continue;
    }
    const next = afterLineEnd(text, index);
    const following = text.charCodeAt(next);
    if (following === LF || following === CR) return afterLineEnd(text, next);
    index = next;
  }
  return -1;
}

/** A CR at the cut may belong to a CR LF; the LF that follows is then a blank line, which means nothing. */
function afterLineEnd(text: string, at: number): number {
  return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
}

/** The `data` of one whole event (several lines are joined by LF), or null when it has none. */
export function eventData(event: string): string | null {
  let data: string | null = null;
  for (const line of event.split(/\r\n|\n|\r/)) {
    if (line !== 'data' && !line.startsWith('data:')) continue;
    const value = line.slice(line.startsWith('data: ') ? 6 : 5);
    data = data === null ? value : `${data}\n${value}`;
  }
  return data;
}
