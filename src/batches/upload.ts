/** Reads an upload's form while it arrives: its file goes piece by piece to whoever keeps it, its fields stay small. */
import { fail } from './errors.ts';
import { FILE_BYTES_MAX, FORM_BYTES_MAX, tooLarge } from './file.ts';
import { MultipartReader } from './multipart.ts';

export type Upload = {
  readonly fields: Map<string, string>;
  filename: string | null;
};

const FIELDS_MAX = 20;

/**
 * The bytes of the part called `file`; when they end, `upload` has the rest of the form. Raises
 * `upload_invalid` or `file_too_large`.
 */
export async function* fileBytes(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  upload: Upload,
): AsyncGenerator<Uint8Array> {
  const reader = new MultipartReader(boundary);
  let field: string | null = null;
  let isFile = false;
  let sizeBytes = 0;
  let fieldBytes = 0;
  for await (const piece of body) {
    for (const event of reader.push(piece)) {
      if (event.kind === 'part') {
        isFile = event.head.name === 'file';
        if (isFile && upload.filename !== null) throw fail('upload_invalid', 'Send one file.');
        if (isFile) upload.filename = event.head.filename ?? 'file';
        field = isFile ? null : event.head.name;
        if (field !== null) upload.fields.set(field, '');
        if (upload.fields.size > FIELDS_MAX) throw fail('upload_invalid', 'Too many fields.');
      } else if (event.kind === 'data' && isFile) {
        sizeBytes += event.bytes.length;
        if (sizeBytes > FILE_BYTES_MAX) throw tooLarge();
        yield event.bytes;
      } else if (event.kind === 'data' && field !== null) {
        fieldBytes += event.bytes.length;
        if (fieldBytes > FORM_BYTES_MAX) throw fail('upload_invalid', 'A field is too long.');
        const before = upload.fields.get(field) ?? '';
        upload.fields.set(field, before + event.bytes.toString('utf8'));
      }
    }
  }
  if (!reader.isComplete) throw fail('upload_invalid', 'The form ends in the middle.');
  if (upload.filename === null) {
    throw fail('upload_invalid', 'The form has no file.', { param: 'file' });
  }
}
