/** Written models for the techniques that put a question another way. */
import { plus, questionOf, type Model } from '../../../src/core/index.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import { clarify, paraphrase, reRead, rephraseAndRespond, stepBack, translate } from '../../../src/rephrase/index.ts';
import { DECIDE } from '../../../src/rephrase/clarify/clarify.ts';
import { REWORD } from '../../../src/rephrase/paraphrase/paraphrase.ts';
import { AGAIN } from '../../../src/rephrase/re-read/re-read.ts';
import { REPHRASE } from '../../../src/rephrase/rephrase-and-respond/rephrase-and-respond.ts';
import { ANSWER, STEP_BACK } from '../../../src/rephrase/step-back/step-back.ts';
import { BACK, THERE } from '../../../src/rephrase/translate/translate.ts';
import { hosted } from '../../../src/testing/laws/hosted.ts';
import { answers, either, share, type World } from './form.ts';

const QUESTION = 'question';

/** A person who means one of two things, and a model that asks which before it answers, or does not. */
function clarified(unclear: number, says: string): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === DECIDE({ question: QUESTION, known: '' })) return either(0.8, 'ASK: Which one?', 'CLEAR');
      // What is unclear is read the wrong way half of the time, until the person has said which way is meant.
      return answers(asked === QUESTION ? 0.9 * (1 - unclear / 2) : 0.9);
    },
  });
  const model = hosted(plus(base, clarify()), () => ({ respond: async () => 'the first' }));
  return { technique: 'clarify', says, base, model };
}

/** A question whose own wording misleads, and rewordings that ask something else with a given probability. */
function reworded(astray: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === REWORD({ question: QUESTION }))
        return either(astray, 'another question', 'the same in other words');
      if (asked === 'another question') return { right: 0.1, astray: 0.9 };
      return asked === QUESTION ? { right: 0.45, wrong: 0.55 } : answers(0.65);
    },
  });
  const says = `right 45 %, with one mistake of 55 %, as the question stands; right 65 % in other words; ${share(astray)} of its rewordings ask something else, and are right 10 %`;
  return { technique: 'paraphrase(n=4)', says, base, model: paraphrase({ n: 4 })(base) };
}

/** A question with three conditions; one that is missed on every reading makes the answer wrong. */
function readTwice(missed: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const readings = questionOf(prompt).includes(AGAIN({ question: QUESTION }).trim()) ? 2 : 1;
      return answers(0.8 * (1 - missed ** readings) ** 3);
    },
  });
  const says = `right 80 % when it has all three conditions of the question; it misses each one ${share(missed)} of the time on each reading`;
  return { technique: 'reRead', says, base, model: reRead()(base) };
}

/** A question that is hard to read, and rephrasings that change what is asked with a given probability. */
function rephrased(astray: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === REPHRASE({ question: QUESTION })) return either(astray, 'another question', 'a plain question');
      return answers(asked === QUESTION ? 0.5 : asked.includes('a plain question') ? 0.75 : 0.2);
    },
  });
  const says = `right 50 % as the question stands, 75 % with a faithful rephrasing, 20 % with one that changes what is asked; ${share(astray)} do`;
  return { technique: 'rephraseAndRespond', says, base, model: rephraseAndRespond()(base) };
}

/** A principle that decides the question, and is known or not. */
function stoodBack(known: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === STEP_BACK({ question: QUESTION })) return { 'Which law?': 1 };
      if (asked === 'Which law?') return either(known, 'the law', 'another law');
      const lawful = ANSWER({ question: QUESTION, general: 'Which law?', principle: 'the law' });
      return answers(asked === QUESTION ? 0.5 : asked === lawful ? 0.85 : 0.25);
    },
  });
  const says = `right 50 % alone, 85 % with the right principle and 25 % with a wrong one; it finds the right one ${share(known)}`;
  return { technique: 'stepBack', says, base, model: stepBack()(base) };
}

/** A model that is better, or no better, in the other language; on each way something is lost now and then. */
function translated(there: number): World {
  const base: Model = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === THERE({ question: QUESTION, language: 'English' })) return either(0.95, 'the question', 'another');
      if (asked === 'the question') return answers(there);
      if (asked === 'another') return answers(0.1);
      for (const answer of ['right', 'wrong', 'odd'])
        if (asked === BACK({ question: QUESTION, answer })) return answer === 'right' ? answers(0.97) : { [answer]: 1 };
      return answers(0.5);
    },
  });
  const says = `right 50 % in the language of the question and ${share(there)} in English; 5 % of the questions and 3 % of the answers are lost in translation`;
  return { technique: 'translate', says, base, model: translate()(base) };
}

export const rephrase: readonly World[] = [
  clarified(
    1,
    'right 90 % once it knows which of two things is meant; the question does not say; it asks in 80 % of cases',
  ),
  clarified(
    0,
    'right 90 % once it knows which of two things is meant; the question says it; it still asks in 80 % of cases',
  ),
  reworded(0.05),
  reworded(0.6),
  readTwice(0.15),
  readTwice(0),
  rephrased(0.1),
  rephrased(0.6),
  stoodBack(0.85),
  stoodBack(0.35),
  translated(0.8),
  translated(0.5),
];
