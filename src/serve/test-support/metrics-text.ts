/** Reads the text form of Prometheus (0.0.4) line by line, and takes nothing that its description does not allow. */

export interface Series {
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
}

export interface MetricsText {
  readonly series: readonly Series[];
  /** The one value of a series; 0 where there is none. */
  value(name: string, labels?: { readonly [label: string]: string }): number;
  /** The sum over all series of a name that have these labels. */
  sum(name: string, labels?: { readonly [label: string]: string }): number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)?\\})? (\\S+)(?: (-?\\d+))?$`);
/** Labels as one text, whatever their order. */
const textOf = (labels: Series['labels']): string =>
  Object.keys(labels)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((label) => `${label}=${JSON.stringify(labels[label])}`)
    .join();

const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|[+-]?Inf|NaN)$/i;

export function readMetrics(text: string): MetricsText {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const seen = new Set<string>();
  const series: Series[] = [];
  let family = '';
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, kind, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`).exec(line) ?? [];
    if (kind === 'HELP') {
      if (helped.has(name)) fail('a second HELP');
      if (/\\(?![\\n])/.test(rest)) fail('an escape that is none');
      helped.add(name);
    } else if (kind === 'TYPE') {
      if (types.has(name)) fail('a second TYPE');
      if (!/^(?:counter|gauge|histogram|summary|untyped)$/.test(rest)) fail('no type');
      types.set(name, rest);
      family = name;
    } else if (line.startsWith('#')) fail('a comment that is neither HELP nor TYPE');
    else {
      const one = sampleIn(line) ?? fail('no sample');
      const base = types.get(family) === 'histogram' ? one.name.replace(/_(?:bucket|sum|count)$/, '') : one.name;
      if (base !== family) fail(`outside of its family ${family}`);
      const key = `${one.name} ${textOf(one.labels)}`;
      if (seen.has(key)) fail('a series that stands twice');
      seen.add(key);
      if (types.get(family) === 'counter' && !(one.value >= 0)) fail('a counter below 0');
      series.push(one);
    }
  }
  for (const [name, type] of types) if (type === 'histogram') checkHistogram(name, series);
  const matching = (name: string, labels: { readonly [label: string]: string }): Series[] =>
    series.filter((one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels[k] === v));
  return {
    series,
    value: (name, labels = {}) => matching(name, labels)[0]?.value ?? 0,
    sum: (name, labels = {}) => matching(name, labels).reduce((total, { value }) => total + value, 0),
  };
}

function sampleIn(line: string): Series | undefined {
  const [, name, inner = '', number = ''] = SAMPLE.exec(line) ?? [];
  if (name === undefined || !NUMBER.test(number)) return undefined;
  const pairs = [...inner.matchAll(/(\w+)="((?:[^"\\\n]|\\.)*)"/g)].map(([, label = '', value = '']) => [
    label,
    value.replaceAll(/\\(.)/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter)),
  ]);
  return {
    name,
    labels: Object.fromEntries(pairs) as Series['labels'],
    value: Number(number.replace('Inf', 'Infinity')),
  };
}

/** Buckets grow, the last of them is all, and there is one count and one sum for each. */
function checkHistogram(name: string, series: readonly Series[]): void {
  const groups = new Map<string, number[]>();
  const keyOf = ({ labels }: Series): string => textOf({ ...labels, le: '' });
  const bounds = new Map<string, number>();
  for (const one of series.filter((s) => s.name === `${name}_bucket`)) {
    const key = keyOf(one);
    const le = Number(one.labels['le']?.replace('+Inf', 'Infinity'));
    if (!(le > (bounds.get(key) ?? -Infinity))) throw new Error(`${name}: buckets out of order`);
    bounds.set(key, le);
    const counts = groups.get(key) ?? [];
    if (one.value < (counts.at(-1) ?? 0)) throw new Error(`${name}: a bucket smaller than the one before`);
    groups.set(key, [...counts, one.value]);
  }
  for (const [key, counts] of groups) {
    if (bounds.get(key) !== Infinity) throw new Error(`${name}: no bucket for all`);
    const count = series.find((s) => s.name === `${name}_count` && keyOf(s) === key);
    if (count?.value !== counts.at(-1)) throw new Error(`${name}: the count is not the last bucket`);
    if (!series.some((s) => s.name === `${name}_sum` && keyOf(s) === key)) throw new Error(`${name}: no sum`);
  }
}
