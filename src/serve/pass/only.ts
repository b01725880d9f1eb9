/** `POST /v1/completions` and `POST /v1/embeddings`: handed on to the server of a model, and to nobody else. */
import type { Answer } from '../http/answer.ts';
import type { Exchange } from '../exchange.ts';
import { Refusal } from '../failure.ts';
import { behind, type Passing } from './pass.ts';

export function handingOn(path: Passing['path'], instead: string): (exchange: Exchange) => Promise<Answer> {
  return async (exchange) => {
    const { composed } = exchange;
    const server = behind(composed, 'chat') ?? behind(composed, 'completions');
    if (server) return exchange.pass(server, path);
    throw new Refusal(
      `${path} is only handed on, and there is no server of OpenAI's protocol behind ${composed.name}. ${instead}.`,
      {
        param: 'model',
        code: 'unsupported_model',
      },
    );
  };
}
