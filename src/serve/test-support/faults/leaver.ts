/** Clients that leave, at every stage of a request. */
import { connect } from 'node:net';
import { oneOf } from './chance.ts';
import { bodyOf, type Question } from './client.ts';

const STAGES = [
  'connected',
  'half the head',
  'the head',
  'half the body',
  'the body',
  'later',
  'the first bytes',
] as const;

/** Sends as much of a request as its stage says, and leaves with a reset or in good form. */
export function leaves(port: number, key: string, question: Question, drawn: number): Promise<void> {
  const stage = oneOf(STAGES, drawn);
  const body = bodyOf(question);
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nAuthorization: Bearer ${key}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const sent = {
    connected: '',
    'half the head': head.slice(0, 40),
    'the head': head,
    'half the body': head + body.slice(0, 30),
    'the body': head + body,
    later: head + body,
    'the first bytes': head + body,
  }[stage];
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const leave = (): void => {
      if (question.id % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    };
    socket.on('error', () => {});
    socket.once('close', () => resolve());
    socket.once('connect', () => {
      socket.write(sent, () => {
        if (stage === 'the first bytes') return;
        if (stage === 'later') setTimeout(leave, question.id % 5);
        else leave();
      });
    });
    socket.once('data', leave);
    socket.setTimeout(10_000, leave);
  });
}
