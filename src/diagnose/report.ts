/** What is reported of a diagnosis. */
import { intervalsSvg } from '../evaluate/report/intervals-svg.ts';
import { figure, percent, signed, type Report } from '../evaluate/report/report.ts';
import type { Diagnosis } from './diagnose.ts';

export function diagnosisReport({
  formula,
  task,
  metric,
  items,
  total,
  seed,
  accuracy,
  ci95,
  findings,
  formulas,
  verdict,
}: Diagnosis): Report {
  const text = (title: string) => ({ title, isText: true });
  const gains = findings.flatMap(({ about, gain }) =>
    gain ? [{ label: about, value: gain.difference, ci95: gain.ci95 }] : [],
  );
  return {
    title: `What can help ${formula} on ${task}`,
    summary: verdict,
    facts: [
      ['one answer', `${percent(accuracy)} (95%: ${percent(ci95[0])} to ${percent(ci95[1])})`],
      ['metric', metric],
      ['items', `${items} of ${total}`],
      ['seed', String(seed)],
    ],
    sections: [
      {
        kind: 'table',
        title: 'Formulas to try, in this order',
        columns: [
          text('formula'),
          { title: 'expected' },
          text(''),
          { title: 'calls' },
          { title: 'tokens' },
          { title: 'US dollars' },
        ],
        rows: formulas.map((one) => [
          one.formula,
          percent(one.accuracy, 0),
          one.isCeiling ? 'at most, with a verifier that does not err' : one.can === 'helps' ? 'helps' : 'may help',
          figure(one.callsPerItem, 2),
          figure(one.tokensPerItem),
          figure(one.usdPerItem),
        ]),
      },
      {
        kind: 'picture',
        title: 'Gains',
        svg: intervalsSvg(gains, { title: 'Gain over one answer, with 95% intervals', isDifference: true }),
      },
      {
        kind: 'table',
        title: 'What was found',
        columns: [text('X'), text('can'), { title: 'gain' }, text('why')],
        rows: findings.map(({ about, can, gain, says }) => [about, can, gain && signed(gain.difference), says]),
      },
    ],
  };
}
