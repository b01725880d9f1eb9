/** Laws of remember. */
import {
  plus,
  questionOf,
  textOf,
  type Host,
  type Memory,
  type Message,
  type Model,
  type Note,
  type Sampled,
  type Transform,
} from '../../src/core/index.ts';
import { enumerable, type Distribution } from '../../src/models/written/enumerable.ts';
import { dynamicCheatsheet, fewShot, memoryOf, memPrompt, prefer, rag } from '../../src/remember/index.ts';
import { reRead } from '../../src/rephrase/index.ts';
import type { Probabilities } from '../../src/testing/laws/exact.ts';
import { add, finite, normal, type ExactLaw, type LawSet, type P, type Subject } from './form.ts';

const NOTES: readonly Note[] = [
  { id: 'sum', text: 'How much is 2 + 3?', data: { feedback: 'sums are in base 3', answer: '12' } },
  { id: 'question', text: 'question', data: { feedback: 'the question is about a', answer: 'a' } },
  { id: 'further', text: 'another question of that kind', data: { feedback: 'this one is about b', answer: 'b' } },
  { id: 'sea', text: 'How deep is the sea?', data: { answer: '4 km', source: 'sea.md', page: 2 } },
];
const remembered = (): Host => ({ memory: memoryOf(NOTES), respond: async () => 'in base 3, please' });
const nothing = (): Host => ({ memory: memoryOf() });
/** A memory with a cheatsheet and earlier answers in it, as after some questions. */
const studied = (): Host => ({ memory: studiedMemory() });
function studiedMemory(): Memory {
  const memory = memoryOf(NOTES, { namespace: 'default#answers' });
  const sheet = { id: 'cheatsheet', text: 'Add from the right.' };
  return {
    ...memory,
    list: async (namespace, ids) => {
      const kept = await memory.list(namespace, ids);
      return namespace === 'default#cheatsheet' && kept.length === 0 ? [sheet] : kept;
    },
  };
}

const SHEET = '<cheatsheet>Carry the one.</cheatsheet>';
/** Answers that a curator may give as well, so that some sheets are written and some are not. */
const curating = (prompt: readonly Message[]): Distribution =>
  textOf(prompt[0]?.content ?? '').includes('cheatsheet:')
    ? { [SHEET]: 2, 'no sheet': 1 }
    : { '4': 3, '5': 2, '22': 1 };
const judging = (prompt: readonly Message[]): Distribution =>
  questionOf(prompt).includes('Reply with A or B') ? { A: 2, B: 1 } : { '4': 3, '5': 2, '22': 1 };

const subject = (transform: Transform, more: Omit<Subject, 'transform'> = {}): Subject => ({
  transform,
  host: remembered,
  ...more,
});
const named = { name: 'sums', list: [{ question: 'How much is 1 + 1?', answer: '2' }] };

const subjects: LawSet['subjects'] = {
  memPrompt: subject(memPrompt({ k: 2 })),
  'memPrompt, nothing remembered': subject(memPrompt(), { host: nothing }),
  'memPrompt with corrections': subject(memPrompt({ corrections: 2 })),
  fewShot: subject(fewShot({ k: 2 })),
  'fewShot of a list': subject(fewShot({ examples: named }), { scope: { functions: { sums: named } } }),
  'dynamicCheatsheet, cumulative': subject(dynamicCheatsheet(), { host: studied, answers: curating }),
  'dynamicCheatsheet, retrieval': subject(dynamicCheatsheet({ variant: 'retrieval' }), {
    host: studied,
    answers: curating,
    preparation: 1,
  }),
  'dynamicCheatsheet with a curator': subject((base) => dynamicCheatsheet({ curator: reRead()(base) })(base), {
    host: nothing,
    answers: curating,
  }),
  rag: subject(rag({ k: 2 })),
  'rag with queries': subject(rag({ queries: 2 }), { preparation: 2 }),
  prefer: subject(prefer({ n: 3, principles: 'short' }), { answers: judging }),
  'prefer the best, by what is remembered': subject(
    (base) => prefer({ n: 3, k: 1, pick: 'best', judge: reRead()(base) })(base),
    { answers: judging },
  ),
};

/** Gives a model a host of its own, made anew for every inference. */
function hosted(model: Model, host: () => Host): Model {
  return { ...model, sample: (request, context) => model.sample(request, { ...context, host: host() }) };
}

/** Asks in the name of a user. */
function asked(model: Model, user: string): Model {
  const providerOptions = { plusx: { user } };
  return { ...model, sample: (request, context) => model.sample({ ...request, providerOptions }, context) };
}

const PLAIN: Distribution = { a: 5, b: 3, c: 2 };
const base = finite(PLAIN);
/** After a note or a page the answers are others. */
const NOTED: Distribution = { a: 8, b: 1 };
const believing = (sign: string): Model =>
  enumerable({ name: 'believer', answers: (prompt) => (JSON.stringify(prompt).includes(sign) ? NOTED : PLAIN) });

/** Answers as the base does while it is told nothing but the question. */
const untold = enumerable({
  name: 'untold',
  answers: (prompt) => (prompt.length === 1 && questionOf(prompt) === 'question' ? PLAIN : NOTED),
});

const identity = (name: string, transform: Transform, host = nothing): ExactLaw => ({
  technique: name,
  law: 'nothing remembered: the base itself',
  model: hosted(plus(untold, transform), host),
  expected: () => normal(PLAIN),
  holds: true,
});

/** What the sheet is afterwards, beside the answer. */
const withSheet = ({ samples: [sample] }: Sampled): string =>
  `${textOf(sample?.content ?? '')} ${JSON.stringify(sample?.providerMetadata?.['plusx']?.['cheatsheet'])}`;

/** Two draws from p, one of them kept in proportion to (q / p)^(1/τ): towards q, the law of those who know the principles. */
function tilted(p: P, q: P, temperature: number): Probabilities {
  const out = new Map<string, number>();
  const weigh = (y: string): number => ((q.get(y) ?? 0) / (p.get(y) ?? 1)) ** (1 / temperature);
  for (const [a, pa] of p)
    for (const [b, pb] of p) {
      const total = weigh(a) + weigh(b); // nothing where the principles allow neither: then each is as good
      add(out, a, pa * pb * (total > 0 ? weigh(a) / total : 0.5));
      add(out, b, pa * pb * (total > 0 ? weigh(b) / total : 0.5));
    }
  return out;
}

/** A judge that prefers the earlier letter, and errs one time in four. */
const JUDGE = { right: 3, wrong: 1 };
const judge = enumerable({
  name: 'judge',
  answers: (prompt) => {
    const [, first = '', second = ''] = /Reply A:\n(\w)\n\nReply B:\n(\w)/.exec(questionOf(prompt)) ?? [];
    if (first === second) return { A: 1, B: 1 };
    return first < second ? { A: JUDGE.right, B: JUDGE.wrong } : { A: JUDGE.wrong, B: JUDGE.right };
  },
});

/** Two candidates: w of two comparisons won by the first make odds (w + 1/2) / (5/2 - w), written out from the paper. */
function preferred(p: P, temperature: number, best: boolean): Probabilities {
  const out = new Map<string, number>();
  for (const [x, px] of p)
    for (const [y, py] of p) {
      const wins = x === y ? 0.5 : x < y ? 0.75 : 0.25;
      for (const [w, pw] of [(1 - wins) ** 2, 2 * wins * (1 - wins), wins ** 2].entries()) {
        const odds = ((w + 0.5) / (2.5 - w)) ** (1 / temperature);
        const first = best ? (w >= 1 ? 1 : 0) : odds / (1 + odds);
        add(out, x, px * py * pw * first);
        add(out, y, px * py * pw * (1 - first));
      }
    }
  return out;
}

const holds = (name: string, law: string, model: Model, expected: () => Probabilities): ExactLaw => ({
  technique: name,
  law,
  model,
  expected,
  holds: true,
});

const exact: readonly ExactLaw[] = [
  identity('memPrompt', memPrompt({ k: 3 })),
  identity('memPrompt', memPrompt({ similarity: 1 }), () => ({ memory: memoryOf([NOTES[0] as Note]) })),
  identity('memPrompt', memPrompt(), () => ({ memory: memoryOf(NOTES, { namespace: 'mia@default' }) })),
  holds(
    'memPrompt',
    "another's notes: the base itself",
    asked(hosted(plus(untold, memPrompt()), remembered), 'leo'),
    () => normal(PLAIN),
  ),
  identity('fewShot', fewShot()),
  identity('fewShot', fewShot({ examples: { name: 'none', list: [] } })),
  identity('rag', rag()),
  identity('prefer', prefer({ n: 3 })),
  identity('prefer', prefer({ n: 3 }), () => ({})),
  identity('prefer', prefer({ n: 1, principles: 'short' })),
  identity('dynamicCheatsheet', dynamicCheatsheet({ curator: finite({ nonsense: 1 }) })),
  identity('dynamicCheatsheet', dynamicCheatsheet({ variant: 'retrieval', curator: finite({ nonsense: 1 }) })),
  holds(
    'memPrompt',
    'P(y | x, the nearest note)',
    hosted(plus(believing('the question is about a'), memPrompt()), remembered),
    () => normal(NOTED),
  ),
  holds('fewShot', 'P(y | nearest, x)', hosted(plus(believing('"assistant"'), fewShot({ k: 1 })), remembered), () =>
    normal(NOTED),
  ),
  holds(
    'rag',
    'P(y | x, the nearest page)',
    hosted(plus(believing('<page number=\\"1\\"'), rag({ k: 1 })), remembered),
    () => normal(NOTED),
  ),
  {
    technique: 'dynamicCheatsheet',
    law: "cumulative: P(y | x, m) Q(m' | m, x, y)",
    model: hosted(
      plus(
        believing('Add from the right.'),
        dynamicCheatsheet({
          curator: enumerable({
            name: 'curator',
            answers: (prompt) => ({ [SHEET]: questionOf(prompt).includes('Answer: a') ? 3 : 1, none: 1 }),
          }),
        }),
      ),
      studied,
    ),
    outcome: withSheet,
    expected: () => {
      const out = new Map<string, number>();
      for (const [y, p] of normal(NOTED)) {
        const written = y === 'a' ? 3 / 4 : 1 / 2;
        add(out, `${y} "Carry the one."`, p * written);
        add(out, `${y} "Add from the right."`, p * (1 - written));
      }
      return out;
    },
    holds: true,
  },
  holds(
    'dynamicCheatsheet',
    "retrieval: sum over m' of Q(m') P(y | x, m')",
    hosted(
      plus(
        believing('Carry the one.'),
        dynamicCheatsheet({ variant: 'retrieval', curator: finite({ [SHEET]: 2, none: 1 }, 'curator') }),
      ),
      studied,
    ),
    () => {
      const out = new Map<string, number>();
      for (const [y, p] of normal(NOTED)) add(out, y, (p * 2) / 3);
      for (const [y, p] of normal(PLAIN)) add(out, y, p / 3);
      return out;
    },
  ),
  ...[0.5, 1, 3].map((temperature) =>
    holds(
      'prefer',
      `n=2 temperature=${temperature}`,
      hosted(plus(base, prefer({ n: 2, temperature, principles: 'early', judge })), nothing),
      () => preferred(normal(PLAIN), temperature, false),
    ),
  ),
  ...[1, 2].map((temperature) =>
    holds(
      'prefer',
      `likelihood, n=2 temperature=${temperature}`,
      hosted(
        plus(believing('early'), prefer({ n: 2, temperature, principles: 'early', rewards: 'likelihood' })),
        nothing,
      ),
      () => tilted(normal(PLAIN), normal(NOTED), temperature),
    ),
  ),
  holds('prefer', 'n=2, the best', hosted(plus(base, prefer({ n: 2, pick: 'best', judge })), remembered), () =>
    preferred(normal(PLAIN), 1, true),
  ),
];

export const remember: LawSet = {
  subjects,
  exact,
  mutants: [
    {
      bug: 'the likelihood is taken without what it was before',
      file: 'remember/prefer/guided.ts',
      from: 'told.logprob - untold.logprob',
      to: 'told.logprob',
    },
    {
      bug: 'what is remembered is not put before the question',
      file: 'remember/mem-prompt/mem-prompt.ts',
      from: 'notes.length === 0',
      to: 'notes.length >= 0',
    },
    {
      bug: "one user's notes are another's",
      file: 'remember/shared/namespace.ts',
      from: "user === undefined ? '' : `${user}@`",
      to: "''",
    },
    {
      bug: 'a prompt without notes where nothing is remembered',
      file: 'remember/rag/rag.ts',
      from: "if (pages.length === 0) return drawOne(base, request, fork(context, 'answer'));",
      to: '',
    },
    {
      bug: 'the cheatsheet is not kept in view',
      file: 'remember/dynamic-cheatsheet/dynamic-cheatsheet.ts',
      from: "sheet === '' ? request.prompt :",
      to: "sheet !== '' ? request.prompt :",
    },
    {
      bug: 'a win counts for the loser',
      file: 'remember/prefer/prefer.ts',
      from: "letter === 'A' ? 1 : 0",
      to: "letter === 'A' ? 0 : 1",
    },
    {
      bug: 'rewards without a prior',
      file: 'remember/prefer/bradley-terry.ts',
      from: 'const PRIOR = 0.5;',
      to: 'const PRIOR = 0.01;',
    },
    {
      bug: 'the furthest note is found',
      file: 'core/host/retrieval.ts',
      from: 'b.score - a.score',
      to: 'a.score - b.score',
    },
  ],
};
