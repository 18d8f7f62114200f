/**
 * Metrics of several gateway processes as one page. Pure. Each sample gets a label `worker`, so that every
 * series counts up in one process and restarts with it; a sum made here would fall whenever one of them
 * ends, and rates over it would lie. `sum without (worker) (…)` adds them where they are read.
 */
export type WorkerMetrics = Readonly<{ worker: number; text: string }>;

type Family = { head: string[]; samples: string[] };

const SAMPLE = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+.*)$/;

export function joinMetrics(pages: readonly WorkerMetrics[]): string {
  const families = new Map<string, Family>();
  for (const { worker, text } of pages) addPage(families, worker, text);
  const lines = [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]);
  return `${lines.join('\n')}\n`;
}

function addPage(families: Map<string, Family>, worker: number, text: string): void {
  let family: Family = { head: [], samples: [] };
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ') || line.startsWith('# TYPE ')) {
      const [, word = '', name = ''] = line.split(' ');
      family = familyOf(families, name);
      if (!family.head.some((known) => known.startsWith(`# ${word} `))) family.head.push(line);
      continue;
    }
    const sample = SAMPLE.exec(line)?.groups;
    if (sample === undefined) continue;
    const { name, labels, value } = sample;
    const all = [`worker="${worker}"`, ...(labels === undefined || labels === '' ? [] : [labels])];
    family.samples.push(`${name}{${all.join(',')}} ${value}`);
  }
}

function familyOf(families: Map<string, Family>, name: string): Family {
  let family = families.get(name);
  if (family === undefined) {
    family = { head: [], samples: [] };
    families.set(name, family);
  }
  return family;
}
