import {
  annotate,
  answerIn,
  classesOf,
  fork,
  gather,
  leader,
  NoCandidates,
  option,
  progress,
  promptFor,
  questionOf,
  tally,
  technique,
  votesOf,
  withQuestion,
  type Context,
  type Request,
  type Sample,
  type Warning,
} from '../../core/index.ts';
import { inTurns } from '../../core/context/turns.ts';
import { put } from '../../core/technique/put.ts';

/**
 * Answers the question as it stands and in `n` other wordings, and keeps the answer most of them give.
 *
 *     P'(a) = Σ over r_1 … r_n, y of Π_i Q(r_i | reword x) Π_i P(y_i | r_i) P(y_0 | x) [a leads among y_0 … y_n]
 *
 * where Q rewords (the base itself if left out), and each wording is answered `draws` times. The question as it stands
 * votes first, then the wordings in order, and a tie goes to the answer seen first. It helps where an answer hangs on how
 * the question is put, which more draws of one wording cannot even out, and hurts where a rewording changes what is asked.
 *
 * Cost: n + (n + 1)·`draws` calls in 2 rounds: each wording is answered as soon as it is there. Errors: NoCandidates when
 * no answer comes back. Source: Zhou et al., "Paraphrase and solve", 2024 (SCoP); Mizrahi et al., "State of what art?",
 * 2024.
 */
export const paraphrase = technique({
  name: 'paraphrase',
  room: 'rephrase',
  summary: 'answer the question in n more wordings and vote',
  paper: 'Zhou et al., 2024',
  options: {
    n: option.integer({ doc: 'wordings besides the question as it stands', min: 1, default: 4 }),
    draws: option.integer({ doc: 'answers to each wording', min: 1, default: 1 }),
    extract: option.answer({ doc: 'what an answer is and how it is read', default: 'auto' }),
    rephraser: option.model({ doc: 'the model that rewords; the base itself if left out', optional: true }),
    reword: option.prompt(['question'], { doc: 'how the question is put to the rephraser' }),
  },
  calls: 'n + (n + 1)*draws',
  rounds: '2',
  semantics: ({ n, draws }) => ({
    kind: 'exact',
    target: `the majority of ${draws} draws from P(y | x) and from each P(y | r_1) ... P(y | r_${n}), r_i from Q(r | x)`,
    why: 'wordings and answers are draws and the vote is a function of them; that wordings mean the same is a rule of thumb',
  }),
  async run(base, request, context, { n, draws, extract, rephraser = base, reword }) {
    const wording = promptFor(rephraser, 'paraphrase.reword', reword, REWORD);
    const question = questionOf(request.prompt);
    const answer = async (prompt: Request['prompt'], at: Context): Promise<readonly Sample[]> =>
      (await base.sample({ ...request, prompt, n: draws }, fork(at, 'answer'))).samples;
    const tasks = Array.from({ length: n + 1 }, (_, i) => async (inner: Context) => {
      const at = fork(inner, `wording/${i}`);
      if (i === 0) return answer(request.prompt, at);
      const { text: reworded } = await put(rephraser, request, fork(at, 'reword'), wording, { question });
      progress(context, `wording ${i} of ${n}: ${reworded}`);
      return answer(reworded === '' ? request.prompt : withQuestion(request.prompt, reworded), at);
    });
    const samples = (await gather(context, tasks)).flat();
    const classes = tally(classesOf(await inTurns(context, samples, (sample) => answerIn(sample, request, extract))));
    const winner = leader(classes);
    const sample = samples[winner?.first ?? 0];
    if (!sample) throw new NoCandidates({ technique: 'paraphrase', why: 'no answer came back' });
    if (!winner) context.ledger.warn(NO_ANSWER);
    return annotate({ ...sample, answer: winner?.answer ?? null }, { ...votesOf(classes), samples: samples.length });
  },
});

const NO_ANSWER: Warning = {
  code: 'no-answer',
  message:
    'paraphrase: none of the candidates has a final answer: the first is returned. Ask for one in the prompt, or set `extract`.',
};

export const REWORD = ({ question }: { readonly question: string }): string =>
  `Say the question below in other words. It must ask for exactly the same, with every fact, number and condition in it, and in the same language. Do not answer it. Reply with the new question only.\n\n${question}`;
