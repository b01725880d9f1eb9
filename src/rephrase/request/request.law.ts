/** The law of a request's settings: the base under them. */
import { plus, type Model } from '../../core/index.ts';
import { enumerable, enumerableTokens } from '../../models/written/index.ts';
import { normal, type Distribution } from '../../testing/laws/closed-form.ts';
import { table } from '../../testing/laws/parameters.ts';
import { differs, holds, same, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { request } from './request.ts';

const ANSWERS: Distribution = { x: 1, y: 3 };
const INSTRUCTED: Distribution = { x: 2, y: 1 };
const base = enumerable({ name: 'base', answers: { '*': ANSWERS } });
const heedingTo = (plain: Distribution, instructed: Distribution): Model =>
  enumerable({ name: 'heeding', answers: (prompt) => (prompt[0]?.role === 'system' ? instructed : plain) });
const heeding = heedingTo(ANSWERS, INSTRUCTED);
const letters = enumerableTokens({ tokens: ['a', 'b'], next: () => [2, 1, 1], maxTokens: 2 });

export const law: TechniqueLaw = {
  technique: 'request',
  subjects: {
    request: request({ temperature: 0.5 }),
    'request, all settings': request({ maxTokens: 9, topP: 0.9, stop: ['\n'], system: 'Be brief.', reasoning: 'low' }),
  },
  exact: [
    same('without settings it is the base', plus(base, request()), base),
    ...varied(
      {
        plain: table(ANSWERS, 'what is answered without instructions'),
        instructed: table(INSTRUCTED, 'what is answered with them'),
      },
      ({ plain, instructed }) =>
        holds('the instructions are read', plus(heedingTo(plain, instructed), request({ system: 'Be brief.' })), () =>
          normal(instructed),
        ),
    ),
    same(
      'one after the other is both together',
      plus(heeding, request({ system: 'Be brief.' }), request({ temperature: 0.5 })),
      plus(heeding, request({ system: 'Be brief.', temperature: 0.5 })),
    ),
    same(
      'the temperature nearest to the model holds',
      plus(letters, request({ temperature: 2 }), request({ temperature: 0.5 })),
      plus(letters, request({ temperature: 2 })),
    ),
    differs('a temperature is heard', plus(letters, request({ temperature: 2 })), letters),
  ],
};

export const bugs: readonly Bug[] = [
  {
    bug: 'the instructions are left out',
    file: 'rephrase/request/request.ts',
    from: '[systemMessage(text), ...prompt]',
    to: '[...prompt]',
  },
  {
    bug: "the request's temperature stands",
    file: 'rephrase/request/request.ts',
    from: '...(temperature !== undefined && { temperature })',
    to: '...(asked.temperature === undefined && { temperature })',
  },
];
