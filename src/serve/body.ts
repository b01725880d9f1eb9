/** The body of a request: JSON within bounds, as text and as a value. */
import { JSON_DEPTH } from '../core/bounds.ts';
import { nested } from '../models/http/index.ts';
import { object, type Wire } from '../models/openai/protocol/index.ts';
import type { Arrived } from './connection.ts';
import { Refusal } from './failure.ts';

export interface Body {
  /** As it came. */
  readonly text: string;
  readonly fields: Wire;
}

export async function readBody(arrived: Arrived, bodyBytes: number): Promise<Body> {
  const type = arrived.header('content-type') ?? '';
  // A page in a browser may send other types to any address without being asked first.
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type))
    throw new Refusal('The body must be JSON: send `Content-Type: application/json`.', {
      status: 415,
      code: 'unsupported_media_type',
    });
  const text = await arrived.text(bodyBytes);
  if (nested(text))
    throw new Refusal(`The body nests lists and objects more than ${JSON_DEPTH} deep. Send a flatter one.`, {
      code: 'invalid_json',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('The body is not valid JSON.', { code: 'invalid_json' });
  }
  const fields = object(value);
  if (!fields) throw new Refusal('The body must be a JSON object.', { code: 'invalid_json' });
  return { text, fields };
}

/** The body of a web request. */
export async function textOf(request: Request, most: number): Promise<string> {
  const length = request.headers.get('content-length');
  if (length !== null) {
    if (Number(length) > most) throw tooLarge(most);
    return request.text(); // no longer than it says: the server that took it in sees to that
  }
  if (!request.body) return '';
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > most) {
      reader.cancel().catch(() => undefined);
      throw tooLarge(most);
    }
    pieces.push(decoder.decode(value, { stream: true }));
  }
  pieces.push(decoder.decode());
  return pieces.join('');
}

export const tooLarge = (most: number): Refusal =>
  new Refusal(`The body is larger than ${most} bytes. Send less.`, { status: 413, code: 'body_too_large' });

/** The id of a model in a body. */
export function modelIn({ fields }: Body, most: number): string {
  const { model } = fields;
  if (typeof model !== 'string' || model.trim() === '')
    throw new Refusal(
      '`model` must be the name of a model or a formula, such as "plusx:tiny + selfConsistency(n=5)".',
      {
        param: 'model',
        code: 'missing_model',
      },
    );
  if (model.length > most)
    throw new Refusal(`\`model\` has more than ${most} letters. Name the formula in the configuration instead.`, {
      param: 'model',
      code: 'invalid_formula',
    });
  return model;
}
