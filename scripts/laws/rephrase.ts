/** Laws of rephrase. */
import { plus, questionOf, type Context, type Host, type Message, type Model } from '../../src/core/index.ts';
import type { Distribution } from '../../src/models/written/enumerable.ts';
import { enumerable } from '../../src/models/written/enumerable.ts';
import { clarify, paraphrase, reRead, translate } from '../../src/rephrase/index.ts';
import { DECIDE, READ } from '../../src/rephrase/clarify/clarify.ts';
import { REWORD } from '../../src/rephrase/paraphrase/paraphrase.ts';
import { BACK, BOTH, THERE } from '../../src/rephrase/translate/translate.ts';
import { add, normal, weighed, type LawSet, type P } from './form.ts';
import { on } from './sandbox.ts';

const ANSWERS = ['4', '5', '22'];
const part = (table: { readonly [key: string]: Distribution }, key: string): Distribution =>
  table[key] ?? { [`never asked: ${key}`]: 1 };

// A question with three wordings, one of them empty, each with answers of its own; some texts hold the same answer.
const WORDINGS: Distribution = { plain: 3, odd: 2, ' ': 1 };
const TO_EACH: { readonly [wording: string]: Distribution } = {
  question: { 'Answer: x': 2, y: 2, 'no\nidea': 1 },
  plain: { x: 4, 'Answer: y': 1 },
  odd: { z: 2, y: 1, 'no\nidea': 1 },
};
const ANSWER_OF: { readonly [text: string]: string | null } = {
  'Answer: x': 'x',
  'Answer: y': 'y',
  'no\nidea': null,
};
const worded = enumerable({
  name: 'worded',
  answers: (prompt) =>
    questionOf(prompt) === REWORD({ question: 'question' }) ? WORDINGS : part(TO_EACH, questionOf(prompt)),
});
/** Votes in order: the question as it stands, then each wording; the first of those that lead, or the first text at all. */
function paraphrased(n: number, draws: number): P {
  const out = new Map<string, number>();
  const answers = (wording: string): P => normal(TO_EACH[wording.trim() || 'question'] as Distribution);
  const visit = (wordings: readonly string[], texts: readonly string[], p: number): void => {
    if (texts.length < wordings.length * draws) {
      const wording = wordings[Math.floor(texts.length / draws)] as string;
      for (const [y, q] of answers(wording)) visit(wordings, [...texts, y], p * q);
    } else if (wordings.length <= n) for (const [r, q] of normal(WORDINGS)) visit([...wordings, r], texts, p * q);
    else {
      const said = texts.map((text) => (text in ANSWER_OF ? ANSWER_OF[text] : text));
      const count = (answer: string | null | undefined): number =>
        answer === null ? 0 : said.filter((one) => one === answer).length;
      const most = Math.max(...said.map(count));
      add(out, texts[said.findIndex((one) => count(one) === most)] as string, p);
    }
  };
  visit(['question'], [], 1);
  return out;
}

// Two translations, one of them no translation at all, with answers of their own, and what becomes of those on the way back.
const THERE_ARE: Distribution = { frage: 3, rätsel: 1, '': 1 };
const IN_THE_OTHER: { readonly [translated: string]: Distribution } = {
  frage: { ja: 4, nein: 1 },
  rätsel: { nein: 1, '': 1 },
  question: { yes: 1, no: 2 },
};
const HOME: { readonly [answer: string]: Distribution } = { ja: { yes: 9, sure: 1 }, nein: { no: 1, nope: 1 } };
const translated = enumerable({
  name: 'translated',
  answers(prompt) {
    const asked = questionOf(prompt);
    if (asked === THERE({ question: 'question', language: 'German' })) return THERE_ARE;
    for (const [answer, home] of Object.entries(HOME))
      if (asked === BACK({ question: 'question', answer })) return home;
    for (const [text, answers] of Object.entries(IN_THE_OTHER))
      if (asked === BOTH({ question: 'question', translated: text, language: 'German' })) return answers;
    return part(IN_THE_OTHER, asked);
  },
});
/** Σ over t, y of T(t) P(y | t) T(z | y): what was not translated is not translated back, and neither is nothing. */
function returned(back: boolean): P {
  const out = new Map<string, number>();
  for (const [t, p] of normal(THERE_ARE))
    for (const [y, q] of normal(IN_THE_OTHER[t || 'question'] as Distribution)) {
      if (!back || t === '' || y === '') add(out, y, p * q);
      else for (const [z, r] of normal(HOME[y] as Distribution)) add(out, z, p * q * r);
    }
  return out;
}

// A question that may be unclear, a person who replies, and what is answered in the light of it.
const ASKS: Distribution = { 'ASK: Which one?': 3, CLEAR: 1, '**Ask:** How many?': 2 };
const ASKS_AGAIN: Distribution = { 'ASK: which one': 2, 'ASK: How many?': 1, CLEAR: 1 };
const READS: Distribution = { 'READING: the red one': 2, 'READING: both': 1, CLEAR: 1 };
const REPLIES: { readonly [question: string]: string } = { 'Which one?': 'the red one', 'How many?': 'two' };
const KNOWING: { readonly [known: string]: Distribution } = {
  '': { x: 1, y: 1 },
  'Q: Which one?\nA: the red one': { x: 5, y: 1 },
  'Q: How many?\nA: two': { z: 1, y: 2 },
  'Q: Which one?\nA: the red one\nQ: How many?\nA: two': { z: 1 },
  'Q: How many?\nA: two\nQ: which one\nA: (no reply)': { x: 1, z: 3 },
  'Read as: the red one': { x: 3, y: 1 },
  'Read as: both': { x: 1, z: 1 },
};
const unclear = enumerable({
  name: 'unclear',
  answers(prompt) {
    const asked = questionOf(prompt);
    if (asked === DECIDE({ question: 'question', known: '' })) return ASKS;
    if (asked.startsWith(DECIDE({ question: 'question', known: '\n\nAsked already:\nQ: ' }))) return ASKS_AGAIN;
    if (asked === READ({ question: 'question' })) return READS;
    return part(KNOWING, asked.replace(/^question(?:\n\n)?/, ''));
  },
});
const respond = async (question: string): Promise<string> => REPLIES[question] ?? ' ';
/** Asked once or twice, never the same in other capitals; then answered in the light of all that was said. */
function clarified(rounds: number): P {
  const out = new Map<string, number>();
  const settle = (known: string, p: number): void => {
    for (const [y, q] of normal(KNOWING[known] as Distribution)) add(out, y, p * q);
  };
  for (const [first, p] of normal(ASKS)) {
    if (first === 'CLEAR') {
      settle('', p);
      continue;
    }
    const one = first.includes('Which') ? 'Q: Which one?\nA: the red one' : 'Q: How many?\nA: two';
    if (rounds === 1) settle(one, p);
    else
      for (const [second, q] of normal(ASKS_AGAIN)) {
        const isNew = second !== 'CLEAR' && second.toLowerCase().includes('which') !== first.includes('Which');
        const two = second.includes('which') ? 'Q: which one\nA: (no reply)' : 'Q: How many?\nA: two';
        settle(isNew ? `${one}\n${two}` : one, p * q);
      }
  }
  return out;
}
function read(): P {
  const out = new Map<string, number>();
  for (const [line, p] of normal(READS))
    for (const [y, q] of normal(KNOWING[line.replace(/^CLEAR/, '').replace('READING', 'Read as')] as Distribution))
      add(out, y, p * q);
  return out;
}

/** What a model says that is asked whether to ask, and to answer all else. */
const asker = (prompt: readonly Message[]): Distribution =>
  weighed(
    prompt,
    questionOf(prompt).startsWith('Could the question') ? ['ASK: Which?', 'ASK: Why?', 'CLEAR'] : ANSWERS,
  );
const person = (): Host => ({
  respond: async (question: string, { signal }: Context) => (signal.throwIfAborted(), `${question} 4`),
});

export const rephrase: LawSet = {
  subjects: {
    paraphrase: paraphrase({ n: 3 }),
    'paraphrase, two draws, another rephraser': (base: Model) =>
      paraphrase({ n: 2, draws: 2, rephraser: reRead()(base) })(base),
    translate: { transform: translate(), preparation: 1 },
    'translate, direct, another translator': {
      transform: (base: Model) => translate({ language: 'French', reply: 'direct', translator: reRead()(base) })(base),
      preparation: 1,
    },
    'clarify with nobody to ask': { transform: clarify(), answers: asker, preparation: 1 },
    clarify: { transform: clarify({ rounds: 2 }), answers: asker, host: person, preparation: 2 },
  },
  exact: [
    ...[
      [1, 1],
      [2, 1],
      [1, 2],
    ].map(([n = 1, draws = 1]) => ({
      technique: 'paraphrase',
      law: `n=${n}, draws=${draws}: votes of wordings, in their order`,
      model: plus(worded, paraphrase({ n, draws })),
      expected: () => paraphrased(n, draws),
      holds: true,
    })),
    ...(['back', 'direct'] as const).map((reply) => ({
      technique: 'translate',
      law: `reply=${reply}: there${reply === 'back' ? ' and back' : ''}`,
      model: plus(translated, translate({ language: 'German', reply })),
      expected: () => returned(reply === 'back'),
      holds: true,
    })),
    ...[1, 2].map((rounds) => ({
      technique: 'clarify',
      law: `rounds=${rounds}: in the light of the replies`,
      model: on({ respond }, plus(unclear, clarify({ rounds }))),
      expected: () => clarified(rounds),
      holds: true,
    })),
    {
      technique: 'clarify',
      law: 'as it is read, where nobody can be asked',
      model: plus(unclear, clarify()),
      expected: read,
      holds: true,
    },
  ],
  mutants: [
    {
      bug: 'the question as it stands has no vote',
      file: 'rephrase/paraphrase/paraphrase.ts',
      from: 'if (i === 0) return answer(request.prompt, at);',
      to: 'if (i === 0) return [];',
    },
    {
      bug: 'an empty wording is put as the question',
      file: 'rephrase/paraphrase/paraphrase.ts',
      from: "reworded === '' ? request.prompt : ",
      to: '',
    },
    {
      bug: 'the translation back is left out',
      file: 'rephrase/translate/translate.ts',
      from: 'annotate(home ?? thought, facts)',
      to: 'annotate(thought ?? home, facts)',
    },
    {
      bug: 'the same is asked twice in other capitals',
      file: 'rephrase/clarify/clarify.ts',
      from: 'plain(a) === plain(b)',
      to: 'a === b && plain(a) === plain(b)',
    },
  ],
};
