/** A process that answers as a provider does, after as many milliseconds as its path says: `/50/v1/chat/completions`. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const usage = { prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 };
const head = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'm' };
const ANSWER = 'The answer is 42.';
const whole = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: ANSWER }, logprobs: null, finish_reason: 'stop' }],
  usage,
  system_fingerprint: 'fp_1',
});
const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk({ role: 'assistant', content: '' }));
  for (const word of ANSWER.split(/(?= )/)) response.write(chunk({ content: word }));
  response.write(chunk({}, 'stop'));
  response.end(
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\ndata: [DONE]\n\n`,
  );
}

const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
  const pieces: Buffer[] = [];
  incoming.on('data', (piece: Buffer) => pieces.push(piece));
  incoming.on('end', () => {
    const { stream: streams } = JSON.parse(Buffer.concat(pieces).toString() || '{}') as { stream?: boolean };
    const answer = (): void => {
      if (streams) return stream(response);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length }).end(whole);
    };
    const ms = Number(/^\/(\d+)\//.exec(incoming.url ?? '')?.[1] ?? 0);
    if (ms > 0) setTimeout(answer, ms);
    else answer();
  });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`));
