/** Written models for the techniques that look something up before they answer, each beside itself with an empty memory. */
import {
  fork,
  questionOf,
  textOf,
  user,
  type Message,
  type Model,
  type Note,
  type Transform,
} from '../../../src/core/index.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import { dynamicCheatsheet, fewShot, memoryOf, memPrompt, rag } from '../../../src/remember/index.ts';
import { selfConsistency } from '../../../src/search/index.ts';
import type { World } from './form.ts';

const share = (right: number): Distribution => ({ right, wrong: 1 - right });
const says = (prompt: readonly Message[], text: string): boolean =>
  prompt.some(({ content }) => textOf(content).includes(text));

/** The model with a memory that holds these notes. */
function remembering(model: Model, notes: readonly Note[]): Model {
  const memory = memoryOf(notes);
  return { ...model, sample: (request, context) => model.sample(request, { ...context, host: { memory } }) };
}

/** What is asked, each as likely, and the note that helps with it. */
interface Matter {
  readonly question: string;
  readonly note: Note;
  /** What of the note is put before the question. */
  readonly shown: string;
}
interface Lookup {
  readonly technique: string;
  readonly transform: Transform;
  readonly matters: readonly Matter[];
  /** How right the model is by itself, with the note that helps, and with another one. */
  readonly alone: number;
  readonly helped: number;
  readonly misled: number;
}

/** The notes for the first so many matters are in the memory; which one is found for a question is the memory's doing. */
function lookup({ technique, transform, matters, ...right }: Lookup, known: number, said: string): World {
  const asking = (model: Model): Model => ({
    ...model,
    sample(request, context) {
      const i = context.choice.fork('matter').categorical(matters.map(() => 1));
      return model.sample({ ...request, prompt: [user((matters[i] as Matter).question)] }, context);
    },
  });
  const base = enumerable({
    answers(prompt) {
      const mine = matters.find(({ question }) => questionOf(prompt).includes(question));
      if (mine && says(prompt, mine.shown)) return share(right.helped);
      return share(matters.some(({ shown }) => says(prompt, shown)) ? right.misled : right.alone);
    },
  });
  const notes = matters.slice(0, known).map(({ note }) => note);
  return {
    technique,
    says: said,
    base: asking(base),
    model: asking(remembering(transform(base), notes)),
    instead: { name: 'an empty memory', model: asking(remembering(transform(base), [])) },
  };
}

const solved = (id: string, question: string, text: string, answer: string): Matter => ({
  question,
  note: { id, text, data: { answer } },
  shown: answer,
});
const SUMS: readonly Matter[] = [
  solved(
    'left',
    'Ana had 12 apples and ate 5. How many are left?',
    'Leo had 9 pears and ate 2. How many are left?',
    '9-2=7',
  ),
  solved(
    'each',
    'Ana shares 12 apples among 4 friends. How many does each get?',
    'Leo shares 9 pears among 3 friends. How many does each get?',
    '9/3=3',
  ),
  solved(
    'total',
    'Ana buys 12 bags of 5 apples. How many apples are there?',
    'Leo buys 9 bags of 2 pears. How many pears are there?',
    '9*2=18',
  ),
  solved(
    'more',
    'Ana has 12 apples and Leo 5. How many more has Ana?',
    'Mia has 9 pears and Leo 3. How many more has Mia?',
    '9-3=6',
  ),
];
const shots: Lookup = {
  technique: 'fewShot(k=1)',
  transform: fewShot({ k: 1 }),
  matters: SUMS,
  alone: 0.5,
  helped: 0.8,
  misled: 0.3,
};

const clarified = (id: string, question: string, text: string): Matter => ({
  question,
  note: { id, text, data: { feedback: `what is wanted is ${id}` } },
  shown: `what is wanted is ${id}`,
});
const WORDS: readonly Matter[] = [
  clarified('an antonym', 'What is the opposite of haraa?', 'What is the opposite of thanda?'),
  clarified('a synonym', 'Which word is like haraa?', 'Which word is like thanda?'),
  clarified('a definition', 'What does haraa mean?', 'What does thanda mean?'),
  clarified('a sentence', 'Use haraa in a sentence.', 'Use thanda in a sentence.'),
];
const clarifying: Lookup = {
  technique: 'memPrompt',
  transform: memPrompt(),
  matters: WORDS,
  alone: 0.4,
  helped: 0.85,
  misled: 0.1,
};
/** Leaves out notes that are not alike. */
const unlike: Lookup = {
  ...clarifying,
  technique: 'memPrompt(similarity=0.6)',
  transform: memPrompt({ similarity: 0.6 }),
};

const written = (id: string, question: string, text: string): Matter => ({ question, note: { id, text }, shown: text });
const FACTS: readonly Matter[] = [
  written('sea', 'How deep is the sea at Mora?', 'The sea at Mora is 41 m deep.'),
  written('lake', 'How deep is the lake of Mora?', 'The lake of Mora is 7 m deep.'),
  written('tower', 'How high is the tower of Mora?', 'The tower of Mora is 60 m high.'),
  written('bridge', 'How long is the bridge at Mora?', 'The bridge at Mora is 300 m long.'),
];
const reading: Lookup = {
  technique: 'rag(k=1)',
  transform: rag({ k: 1 }),
  matters: FACTS,
  alone: 0.4,
  helped: 0.95,
  misled: 0.05,
};

/** Questions of one kind that are asked one after the other; the last is measured. */
const SERIES = ['first', 'second', 'third'];
function inSeries(model: Model): Model {
  return {
    ...model,
    async sample(request, context) {
      const host = { memory: memoryOf() };
      for (const question of SERIES)
        await model.sample({ ...request, prompt: [user(question)] }, { ...fork(context, question), host });
      return model.sample(request, { ...fork(context, 'last'), host });
    },
  };
}
/** Writes a rule into an empty sheet after a right answer, and an error after a wrong one, as often as given; then it stays. */
function keeper(learns: number, errs: number, said: string): World {
  const base = enumerable({
    answers(prompt): Distribution {
      if (!says(prompt, 'You keep a cheatsheet'))
        return share(says(prompt, 'the rule') ? 0.9 : says(prompt, 'an error') ? 0.1 : 0.5);
      if (!says(prompt, '(empty)')) return { 'It stays.': 1 };
      return questionOf(prompt).includes('Answer: right')
        ? { '<cheatsheet>the rule</cheatsheet>': learns, nothing: 1 - learns }
        : { '<cheatsheet>an error</cheatsheet>': errs, nothing: 1 - errs };
    },
  });
  return {
    technique: 'dynamicCheatsheet',
    says: `${said}; the fourth question of a kind`,
    base,
    model: inSeries(dynamicCheatsheet()(base)),
    instead: { name: 'a vote of 3 and no memory', model: selfConsistency({ n: 3 })(base) },
  };
}

export const remember: readonly World[] = [
  lookup(
    shots,
    4,
    'four kinds of question; right 50 %, 80 % with an example of the kind, 30 % with one of another kind; examples of all four',
  ),
  lookup(shots, 1, 'the same; an example of one kind only'),
  lookup(
    clarifying,
    4,
    'four kinds of question; right 40 %, 85 % once told what is wanted, 10 % once told what is not; all four were clarified before',
  ),
  lookup(clarifying, 1, 'the same; one of them was clarified before'),
  lookup(unlike, 1, 'the same; notes less alike than a cosine of 0.6 are left out'),
  lookup(
    reading,
    4,
    'four facts asked for; right 40 %, 95 % with the page, 5 % with another one; the pages of all four',
  ),
  lookup(reading, 1, 'the same; the page of one only'),
  keeper(
    0.6,
    0.1,
    'right 50 %, 90 % with a rule, 10 % with an error in the sheet; 60 % of right answers leave the rule, 10 % of wrong ones an error',
  ),
  keeper(0.3, 0.5, 'the same; 30 % of right answers leave the rule, 50 % of wrong ones an error'),
];
