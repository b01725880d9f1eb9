/** An upstream that keeps counters of its own: how many replies it sent whole, and what it said that they took. */
import { rawUpstream, type RawUpstream } from './raw-upstream.ts';

export interface Totals {
  replies: number;
  input: number;
  output: number;
  cached: number;
  reasoning: number;
  /** Requests whose client left before the reply was out. */
  left: number;
}

export interface CountingUpstream extends RawUpstream {
  readonly totals: Totals;
}

export interface Counted {
  /** What becomes of a request: a whole reply (default), that status, or nothing at all. */
  readonly fate?: (text: string, index: number) => number | 'hang' | undefined;
  /** The text of every answer. Default `4`. */
  readonly answer?: string;
}

export async function countingUpstream({ fate, answer = '4' }: Counted = {}): Promise<CountingUpstream> {
  const totals: Totals = { replies: 0, input: 0, output: 0, cached: 0, reasoning: 0, left: 0 };
  let arrivals = 0;
  const server = await rawUpstream(({ text }, response) => {
    const index = arrivals++;
    const end = fate?.(text, index);
    response.once('close', () => {
      if (!response.writableFinished) totals.left++;
    });
    if (end === 'hang') return;
    if (typeof end === 'number') {
      const error = { message: `no: sk-${'x'.repeat(30)}`, type: 'odd', param: null, code: `code-${index}` };
      response.writeHead(end, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
      return;
    }
    const took = { input: 10 + (index % 7), output: 5 + (index % 3), cached: index % 4, reasoning: index % 5 };
    totals.replies++;
    for (const name of ['input', 'output', 'cached', 'reasoning'] as const) totals[name] += took[name];
    const usage = {
      prompt_tokens: took.input,
      completion_tokens: took.output,
      total_tokens: took.input + took.output,
      prompt_tokens_details: { cached_tokens: took.cached },
      completion_tokens_details: { reasoning_tokens: took.reasoning },
    };
    const frame = { id: `c${index}`, created: 1, model: 'test' };
    if ((JSON.parse(text) as { stream?: boolean }).stream === true) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = (more: object): void => {
        response.write(`data: ${JSON.stringify({ ...frame, object: 'chat.completion.chunk', ...more })}\n\n`);
      };
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: answer }, finish_reason: null }] });
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      chunk({ choices: [], usage });
      response.end('data: [DONE]\n\n');
      return;
    }
    const choices = [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }];
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ ...frame, object: 'chat.completion', choices, usage }));
  });
  return { ...server, totals };
}
