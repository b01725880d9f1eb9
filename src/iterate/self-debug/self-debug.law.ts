/** The law of self-debug: Σ over y_0 … y_t of P(y_0 | x) Π_i P(y_i+1 | x, y_0, e_0 … y_i, e_i), e_i what happened to y_i, up to the first that passes. */
import { plus, type Execution, type Host, type Model, type Sandbox } from '../../core/index.ts';
import { enumerable } from '../../models/written/index.ts';
import { normal, weighed, type Distribution, type P } from '../../testing/laws/closed-form.ts';
import { hosted } from '../../testing/laws/hosted.ts';
import { upTo, weights, weightsAfter, type Tables } from '../../testing/laws/parameters.ts';
import { holds, type Bug, type TechniqueLaw, varied } from '../../testing/laws/technique-law.ts';
import { findingsIn, remembering, rewritten, type Rewrite } from '../../testing/laws/refiner.ts';
import { selfDebug } from './self-debug.ts';

// A programmer who is told what happened: one program passes its test, one fails it, one leaves before it, one is none.
const block = (code: string): string => `\`\`\`javascript\n${code}\n\`\`\``;
const PASSES = block('const f = () => 4;');
const FAILS = block('const f = () => 5;');
const LEAVES = block('const f = () => 4; return 4;');
const NO_BLOCK = 'const f = () => 4;';
const TEST = 'if (f() !== 4) throw new Error(`f() is ${f()}`);';
const PROGRAMS: Distribution = { [PASSES]: 1, [FAILS]: 4, [LEAVES]: 2, [NO_BLOCK]: 3 };
const REPAIRED: Tables = {
  'f() is 5': { [PASSES]: 1, [FAILS]: 1, [LEAVES]: 1 },
  returned: { [PASSES]: 2, [FAILS]: 1 },
  'no program': { [FAILS]: 1, [NO_BLOCK]: 2, [PASSES]: 1 },
};
const HAPPENED = new Map([
  [PASSES, ''],
  [FAILS, 'f() is 5'],
  [LEAVES, 'returned'],
  [NO_BLOCK, 'no program'],
]);
const repair =
  (repaired: Tables): Rewrite =>
  ({ fault }) =>
    repaired[fault];
const programmer = (programs: Distribution, repaired: Tables): Model =>
  enumerable({
    name: 'programmer',
    answers(prompt) {
      const findings = findingsIn(prompt, (turn) => Object.keys(REPAIRED).find((happened) => turn.includes(happened)));
      return findings.length === 0 ? programs : remembering(repair(repaired), findings);
    },
  });

/**
 * Does what the programs above do, in the order in which it stands in them. They are read and not run, because a page may
 * forbid code that comes as text.
 */
const reader: Sandbox = {
  name: 'reader',
  languages: ['javascript'],
  async run({ code }, { signal } = {}): Promise<Execution> {
    signal?.throwIfAborted();
    const worth = Number(/=> (\d);/.exec(code)?.[1]);
    const early = /; return (\d);/.exec(code)?.[1];
    if (early !== undefined) return { kind: 'value', value: Number(early), output: '' };
    if (code.includes(TEST) && worth !== 4)
      return { kind: 'error', reason: 'thrown', message: `f() is ${worth}`, output: '' };
    const last = /\n;return "(.*)";\n$/.exec(code)?.[1];
    return { kind: 'value', value: last, output: '' };
  },
};
const host = (): Host => ({ sandbox: reader });

export const law: TechniqueLaw = {
  technique: 'selfDebug',
  subjects: {
    selfDebug: {
      transform: selfDebug({ tests: TEST, rounds: 2 }),
      answers: (prompt) => weighed(prompt, [PASSES, FAILS, NO_BLOCK]),
      host,
    },
  },
  exact: varied(
    {
      rounds: upTo(3, selfDebug.definition.options.rounds),
      programs: weights(PROGRAMS, 'what is written at first'),
      repaired: weightsAfter(REPAIRED, 'what is written after each of these happened'),
    },
    ({ rounds, programs, repaired }) =>
      holds(
        `rounds=${rounds}: what fails is drawn again, given all that happened`,
        hosted(plus(programmer(programs, repaired), selfDebug({ tests: TEST, rounds })), host),
        () => {
          const happened = (program: string): P => new Map([[HAPPENED.get(program) ?? 'lost', 1]]);
          return rewritten(normal(programs), rounds, happened, repair(repaired));
        },
      ),
    [1, 2, 3].map((rounds) => ({ rounds })),
  ),
};

export const bugs: readonly Bug[] = [
  {
    bug: 'a program that leaves before its tests has passed them',
    file: 'iterate/self-debug/self-debug.ts',
    from: 'hasTests && execution.value !== AT_THE_END',
    to: 'hasTests && execution.value === undefined',
  },
  {
    bug: 'the tests are not run',
    file: 'iterate/self-debug/self-debug.ts',
    from: '${code}\\n;${tests}',
    to: '${code}\\n;',
  },
  {
    bug: 'a repair forgets the earlier programs',
    file: 'iterate/self-debug/self-debug.ts',
    from: '[...told, assistant(shownAs(current))]',
    to: '[...request.prompt, assistant(shownAs(current))]',
  },
];
