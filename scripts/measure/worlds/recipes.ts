/** Written models for the recipes. */
import { questionOf, scorer, textOf, type Model } from '../../../src/core/index.ts';
import { enumerable, type Distribution } from '../../../src/models/written/index.ts';
import {
  autoMix,
  deepResearch,
  fusion,
  lats,
  mixtureOfAgents,
  reflexion,
  selfDiscover,
} from '../../../src/recipes/index.ts';
import { VERIFY } from '../../../src/recipes/auto-mix/auto-mix.ts';
import { JUDGE, REFLECT } from '../../../src/recipes/reflexion/reflexion.ts';
import { SOLVE } from '../../../src/recipes/self-discover/self-discover.ts';
import { bestOfN, ensemble, mixture, rejection, selfConsistency } from '../../../src/search/index.ts';
import { answers, draftIn, either, share, type World } from './form.ts';

const QUESTION = { question: 'question', context: '', asked: 'question' };
const isGood = scorer('tests', ({ content }) => Number(textOf(content) === 'right'));

/** Attempts in view of what was learnt from those before; a reflection on a right answer teaches what is not so. */
const trier = (learns: number, saysYes: { readonly right: number; readonly wrong: number }): Model =>
  enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      const draft = draftIn(prompt);
      if (asked === JUDGE()) return either(draft === 'right' ? saysYes.right : saysYes.wrong, 'yes', 'no');
      if (asked === REFLECT({ score: '0' })) return { [draft === 'right' ? 'Do not do that.' : 'Mind the units.']: 1 };
      return answers(asked.includes('Do not do that.') ? 0.2 : asked.includes('Mind the units.') ? learns : 0.5);
    },
  });
function tested(learns: number): World {
  const base = trier(learns, { right: 1, wrong: 0 });
  const says = `right 50 %, and ${share(learns)} after a reflection; tests say for certain whether it is right`;
  const instead = { name: 'drawn again until it passes, at most 3', model: rejection({ n: 3, score: isGood })(base) };
  return { technique: 'reflexion(evaluate=tests)', says, base, model: reflexion({ evaluate: isGood })(base), instead };
}
function judged(right: number, wrong: number): World {
  const base = trier(0.65, { right, wrong });
  const says = `right 50 %, 65 % after a reflection on a wrong answer and 20 % on a right one; it says yes to ${share(right)} of its right answers and ${share(wrong)} of its wrong ones`;
  return { technique: 'reflexion(trials=2)', says, base, model: reflexion({ trials: 2 })(base) };
}

/** Four thoughts in a row, right where all are good. A checker knows a right end; a thought on the way it judges by its looks. */
function searched(tells: number, exploration: number): World {
  const depth = 4;
  const good = 0.3;
  const thoughts: Distribution = {
    'good +': good * tells,
    'good -': good * (1 - tells),
    'bad +': (1 - good) * (1 - tells),
    'bad -': (1 - good) * tells,
  };
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      const steps = /Thoughts (?:so far|on it):\n([\s\S]*?)\n\n/.exec(asked)?.[1]?.split('\n') ?? [];
      if (asked.includes('went wrong')) return { 'Try another way.': 1 };
      if (asked.includes('Now answer the task')) return { [(steps.at(-1) ?? '').replace('Final answer: ', '')]: 1 };
      if (!asked.includes('next thought')) return answers(good ** depth);
      if (steps.length < depth - 1) return thoughts;
      const isSound = steps.every((step) => step.startsWith('good'));
      return either(isSound ? good : 0, 'Final answer: right', 'Final answer: wrong');
    },
  });
  const score = scorer('checker', ({ content }) => {
    const last = textOf(content).split('\n').at(-1) ?? '';
    return last.endsWith('+') ? 0.8 : last.endsWith('-') ? 0.2 : Number(last.endsWith('right'));
  });
  const says = `four thoughts, each good 30 %, and right where all are; the checker knows a right end, and tells a good thought from a bad one ${share(tells)} of the time`;
  return {
    technique: `lats(n=12, width=4, depth=4, exploration=${exploration}, score=checker)`,
    says,
    base,
    model: lats({ n: 12, width: 4, depth, exploration, score })(base),
    isLarge: true,
    instead: { name: 'best of 43 by the same checker', model: bestOfN({ n: 43, score })(base) },
  };
}

/** A small model that doubts its wrong answers more than its right ones, or as much, and a large one that is asked then. */
function mixed(yesWhenRight: number, yesWhenWrong: number): World {
  const k = 4;
  const [known, better] = [0.6, 0.85];
  const small = enumerable({
    name: 'small',
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === 'question') return answers(known);
      const isRight = asked === VERIFY({ ...QUESTION, draft: 'right' });
      return either(isRight ? yesWhenRight : yesWhenWrong, 'yes', 'no');
    },
  });
  const large = enumerable({ name: 'large', answers: () => answers(better) });
  /** Fewer than two of four verdicts are yes. */
  const doubted = (yes: number): number => (1 - yes) ** k + k * yes * (1 - yes) ** (k - 1);
  const up = known * doubted(yesWhenRight) + (1 - known) * doubted(yesWhenWrong);
  const says = `the small model right 60 %, the large one 85 %; the small one says yes to ${share(yesWhenRight)} of its right answers and ${share(yesWhenWrong)} of its wrong ones, which sends ${share(up)} up`;
  const byChance = mixture([small, large], { weights: [1 - up, up] });
  return {
    technique: 'autoMix(small, large)',
    says,
    base: small,
    model: autoMix([small, large], { k }),
    instead: { name: 'as many sent up by chance', model: byChance },
  };
}

/** What stands under the letters a judge or an aggregator is shown. */
const seenIn = (asked: string): readonly string[] =>
  [...asked.matchAll(/^\[[A-Z]\]\n(.*)$/gm)].map(([, text = '']) => text);
/** Three models with different mistakes, who see which of several answers is right, or do not. */
const trio = (sees: number): readonly Model[] =>
  ['red', 'green', 'blue'].map((mistake, i) =>
    enumerable({
      name: `model${i + 1}`,
      answers(prompt): Distribution {
        const proposals = seenIn(questionOf(prompt));
        const other = proposals.find((one) => one !== 'right');
        if (proposals.length === 0) return either(0.5, 'right', mistake);
        if (other === undefined) return { right: 1 };
        return proposals.includes('right') ? either(sees, 'right', other) : { [other]: 1 };
      },
    }),
  );
const ALIKE = 'three models, each right 50 %, with different mistakes; shown right and wrong answers';
function fused(sees: number): World {
  const models = trio(sees);
  const says = `${ALIKE}, the judge writes a right one ${share(sees)} of the time`;
  const instead = { name: 'a vote of the three', model: ensemble(models) };
  return { technique: 'fusion(a, b, c)', says, base: models[0] as Model, model: fusion(models), instead };
}
function layered(sees: number): World {
  const models = trio(sees);
  const says = `${ALIKE}, each writes a right one ${share(sees)} of the time`;
  const instead = { name: 'a vote of 7 of theirs', model: selfConsistency({ n: 7 })(mixture(models)) };
  const base = models[0] as Model;
  return { technique: 'mixtureOfAgents(a, b, c)', says, base, model: mixtureOfAgents(models), instead };
}

/** Pages that hold the answer, or something out of date, found by the queries the model thinks of. */
function researched(knows: number, current: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked === 'question') return answers(knows);
      if (asked.includes('search queries'))
        return asked.includes('Notes so far') ? { DONE: 1 } : either(0.8, '1. the page', '1. beside it');
      if (asked.includes('Pages found for'))
        return asked.includes('Nothing on it.')
          ? { 'Nothing on it [1].': 1 }
          : either(current, 'right [1]', 'wrong [1]');
      if (asked.includes('Nothing on it')) return answers(knows);
      return { [asked.includes('right [1]') ? 'right' : 'wrong']: 1 };
    },
  });
  const search = async (query: string) => [
    { url: `https://example.org/${query.length}`, text: query === 'the page' ? 'It.' : 'Nothing on it.' },
  ];
  const says = `right ${share(knows)} by heart; 80 % of its queries find the page, which is right ${share(current)} of the time and is believed`;
  return { technique: 'deepResearch', says, base, model: deepResearch({ search })(base) };
}

/** A structure that suits the question, or misses the point. */
function discovered(suits: number): World {
  const base = enumerable({
    answers(prompt): Distribution {
      const asked = questionOf(prompt);
      if (asked.includes('Reply with the JSON only')) return either(suits, '{"count": ""}', '{"draw": ""}');
      if (asked.includes('Do not do the task yet')) return { 'Calculate exactly.': 1 };
      return answers(
        asked === 'question' ? 0.5 : asked === SOLVE({ ...QUESTION, structure: '{"count": ""}' }) ? 0.8 : 0.25,
      );
    },
  });
  const says = `right 50 % without a structure, 80 % by one that suits the question and 25 % by one that misses the point; ${share(suits)} suit`;
  return { technique: 'selfDiscover', says, base, model: selfDiscover()(base) };
}

export const recipes: readonly World[] = [
  tested(0.7),
  tested(0.5),
  judged(0.9, 0.2),
  judged(0.5, 0.5),
  searched(0.9, 0.5),
  searched(0.9, 1),
  searched(0.5, 0.5),
  mixed(0.8, 0.2),
  mixed(0.6, 0.6),
  fused(0.85),
  fused(0.4),
  layered(0.85),
  layered(0.4),
  researched(0.1, 0.9),
  researched(0.6, 0.9),
  researched(0.6, 0.5),
  discovered(0.85),
  discovered(0.35),
];
