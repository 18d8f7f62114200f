/** What the values of a facet are called in the reader's language. */
import { useTranslation } from 'react-i18next';
import { type Facet, rangeLabel } from './filters.ts';
import { TASK_GROUP_LABELS, TASK_LABELS } from './task-labels.ts';

export const FACET_LABELS = {
  task: 'models.facetTask',
  parameters: 'models.facetParameters',
  library: 'models.facetLibrary',
  license: 'models.facetLicense',
  language: 'models.facetLanguage',
  quantization: 'models.facetQuantization',
} as const satisfies Readonly<Record<Facet, string>>;

/** Cards may name tasks and languages that nobody has heard of: those are shown as they stand. */
export function useFacetNames() {
  const { t, i18n } = useTranslation();
  return {
    value: (facet: Facet, value: string): string => {
      if (facet === 'task') {
        const label = TASK_LABELS.get(value);
        return label === undefined ? value : t(label);
      }
      if (facet === 'language') return languageName(value, i18n.language);
      return facet === 'parameters' ? rangeLabel(value) : value;
    },
    group: (name: string): string => {
      const label = TASK_GROUP_LABELS.get(name);
      return label === undefined ? name : t(label);
    },
  };
}

function languageName(code: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(code) ?? code;
  } catch {
    // No code of any language.
    return code;
  }
}
