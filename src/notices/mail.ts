/** A notice as a letter, in the reader's language: plain text, and the same as simple HTML. Pure. */
import type { NoticeData, NoticeKind } from './kinds.ts';
import { ENGLISH } from './templates/en.ts';
import type { Template } from './templates/template.ts';
import { CHINESE } from './templates/zh-cn.ts';

export type Mail = Readonly<{ subject: string; text: string; html: string }>;

/** Null where a kind has no letter: it is told to webhooks only. */
export function renderMail(
  notice: Readonly<{ kind: NoticeKind; data: NoticeData }>,
  reader: Readonly<{ locale: string; publicUrl: string }>,
): Mail | null {
  const isChinese = reader.locale === 'zh-CN';
  const template: Template | undefined = (isChinese ? CHINESE : ENGLISH)[notice.kind];
  if (template === undefined) return null;
  const fill = (text: string): string => fillFields(text, notice.data);
  const lines = template.lines.map(fill).filter((line) => line !== '');
  const link = `${reader.publicUrl}${template.path}`;
  const open = isChinese ? '在 Flywheel 中打开' : 'Open in Flywheel';
  return {
    // A line break in a value would begin another header.
    subject: fill(template.subject).replace(/\s+/g, ' '),
    text: [...lines, `${open}: ${link}`].join('\n\n'),
    html: [
      `<div lang="${isChinese ? 'zh-CN' : 'en'}" style="font: 15px/1.6 system-ui, sans-serif; max-width: 36em">`,
      ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
      `<p><a href="${escapeHtml(link)}">${open}</a></p>`,
      '</div>',
    ].join('\n'),
  };
}

/** A line whose every field is absent is left out, so that one template serves with and without them. */
function fillFields(text: string, data: NoticeData): string {
  let fields = 0;
  let filled = 0;
  const line = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    fields += 1;
    const value = data[name];
    if (value === undefined || value === null || value === '') return '';
    filled += 1;
    return String(value);
  });
  return fields > 0 && filled === 0 ? '' : line;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
