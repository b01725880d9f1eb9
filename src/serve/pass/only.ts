/**
 * `POST /v1/completions` and `POST /v1/embeddings`: handed on to the server of a model, and to nobody else. A completion goes on from a
 * text, and techniques ask questions: as the message of a user the text would mean something else.
 */
import type { Answer } from '../http/answer.ts';
import { namesIn } from '../../core/index.ts';
import type { Exchange } from '../exchange.ts';
import { Refusal } from '../failure.ts';
import { behind, type Passing } from './pass.ts';
import { serversOf } from './standby.ts';

/** What an endpoint says of models that it cannot be asked with. */
interface Only {
  readonly path: Passing['path'];
  /** What it does, which no technique does. */
  readonly does: string;
  /** What to do with a model that is behind no such server. */
  readonly instead: string;
}

export const COMPLETIONS: Only = {
  path: '/completions',
  does: 'goes on from a text, and techniques ask questions',
  instead: 'send the text as a message to /v1/chat/completions',
};

export const EMBEDDINGS: Only = {
  path: '/embeddings',
  does: 'makes vectors, and techniques make answers',
  instead: 'name a model of a provider that makes embeddings',
};

export function handingOn({ path, does, instead }: Only): (exchange: Exchange) => Promise<Answer> {
  return async (exchange) => {
    const { composed, model } = exchange;
    const servers = serversOf(composed, (one) => behind(one, 'chat') ?? behind(one, 'completions'));
    if (servers) return exchange.pass(servers, path);
    const why =
      namesIn(composed).techniques.length > 0
        ? `/v1${path} ${does}. Name a model without techniques, or ${instead}`
        : `/v1${path} is only handed on, and this model is not behind a server of OpenAI's protocol: ${instead}`;
    throw new Refusal(`\`model\` cannot be ${JSON.stringify(model)} here: ${why}.`, {
      param: 'model',
      code: 'unsupported_model',
    });
  };
}
