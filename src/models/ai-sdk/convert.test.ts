import type { LanguageModelV3Content, LanguageModelV3Prompt } from '@ai-sdk/provider';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { InvalidOption, type Message } from '../../core/index.ts';
import { contentToV3, contentToV4, finishToV3, promptToV3, promptToV4, type Lost } from './convert.ts';
import {
  base64,
  bytes,
  fileV3,
  fileV4,
  image,
  itemsV3,
  itemsV4,
  of,
  promptOf,
  record,
  text,
  toolResult,
} from './test-support/prompts.ts';

const nothingLost: Lost = (what) => {
  throw new Error(`lost ${what}`);
};
/** A deep copy: no object of it is one that was converted before. */
const copy = <T>(value: T): T => {
  if (value instanceof URL) return new URL(value) as T;
  if (value instanceof Uint8Array) return value.slice() as T;
  if (Array.isArray(value)) return value.map(copy) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, copy(field)])) as T;
};

describe('prompts', () => {
  it('v3 -> v4 -> v3 is the identity', () => {
    fc.assert(
      fc.property(promptOf(fileV3, toolResult([...itemsV3.both, ...itemsV3.v3])), (prompt) => {
        expect(promptToV3(promptToV4(prompt, 'openai'), nothingLost)).toEqual(prompt);
      }),
    );
  });

  it('v3 -> v4 -> v3 is the identity without memory of where a part came from, in what both can say', () => {
    fc.assert(
      fc.property(promptOf(fileV3, toolResult(itemsV3.both)), (prompt) => {
        expect(promptToV3(copy(promptToV4(prompt, 'openai')), nothingLost)).toEqual(prompt);
      }),
    );
  });

  it('v4 -> v3 -> v4 is the identity without memory, in what both can say', () => {
    fc.assert(
      fc.property(promptOf(fileV4, toolResult(itemsV4)), (prompt) => {
        expect(promptToV4(copy(promptToV3(prompt as Message[], nothingLost)), 'openai')).toEqual(prompt);
      }),
    );
  });

  it('writes files of v3 as tagged data and never touches what came', () => {
    const url = new URL('https://example.com/a.png');
    const prompt: LanguageModelV3Prompt = [
      {
        role: 'user',
        content: [
          { type: 'file', mediaType: 'image/png', data: url },
          { type: 'file', mediaType: 'image/png', data: 'aGk=' },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: '1',
            toolName: 'shot',
            output: {
              type: 'content',
              value: [
                { type: 'image-data', mediaType: 'image/png', data: 'aGk=' },
                { type: 'image-url', url: 'https://example.com' },
                { type: 'file-id', fileId: 'f-1' },
              ],
            },
          },
        ],
      },
    ];
    const before = copy(prompt);
    const [asked, answered] = promptToV4(prompt, 'openai');
    expect(asked?.content).toEqual([
      { type: 'file', mediaType: 'image/png', data: { type: 'url', url } },
      { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'aGk=' } },
    ]);
    expect((answered?.content[0] as { readonly output?: object } | undefined)?.output).toEqual({
      type: 'content',
      value: [
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: 'aGk=' } },
        {
          type: 'file',
          mediaType: 'image/*',
          data: { type: 'url', url: new URL('https://example.com'), originalUrl: 'https://example.com' },
        },
        {
          type: 'file',
          mediaType: 'application/octet-stream',
          data: { type: 'reference', reference: { openai: 'f-1' } },
        },
      ],
    });
    expect(prompt).toEqual(before);
  });

  it('an edited copy of a part is sent as edited', () => {
    const prompt = [{ role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: 'aGk=' }] }];
    const [message] = promptToV4(prompt, 'openai');
    const edited = {
      ...message,
      content: [{ ...(message?.content[0] as object), mediaType: 'image/webp' }],
    } as unknown as Message;
    expect(promptToV3([edited], nothingLost)).toEqual([
      { role: 'user', content: [{ type: 'file', mediaType: 'image/webp', data: 'aGk=' }] },
    ]);
  });

  it('v3 gets text files as bytes and whole media types; what it has no word for is reported or refused', () => {
    const lost: string[] = [];
    const part = (data: object, mediaType: string) => ({ type: 'file', mediaType, data });
    const prompt = (...content: object[]) => [{ role: 'assistant', content }] as unknown as Message[];
    expect(
      promptToV3(
        prompt(
          part({ type: 'text', text: 'hé' }, 'text/plain'),
          part({ type: 'data', data: 'aGk=' }, 'image'),
          { type: 'custom', kind: 'a.b' },
          { ...part({ type: 'data', data: 'aGk=' }, 'image/png'), type: 'reasoning-file' },
        ),
        (what) => void lost.push(what),
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'file', mediaType: 'text/plain', data: new Uint8Array([104, 195, 169]) },
          { type: 'file', mediaType: 'image/*', data: 'aGk=' },
        ],
      },
    ]);
    expect(lost).toEqual(['a part of type custom', 'a part of type reasoning-file']);
    expect(() =>
      promptToV3(prompt(part({ type: 'reference', reference: { openai: 'f' } }, 'image/png')), nothingLost),
    ).toThrow(InvalidOption);
  });
});

describe('results', () => {
  const metadata = { providerMetadata: fc.constant({ openai: { itemId: 'x' } }) };
  const contents: fc.Arbitrary<LanguageModelV3Content> = fc.oneof(
    record({ type: fc.constantFrom('text', 'reasoning'), text }, metadata),
    record({ type: of('file'), data: fc.oneof(bytes, base64), mediaType: image }, metadata),
    record({ type: of('source'), sourceType: of('url'), id: text, url: text }, metadata),
    record({ type: of('tool-call'), toolCallId: text, toolName: text, input: text }, metadata),
    record({ type: of('tool-result'), toolCallId: text, toolName: text, result: text }, metadata),
  ) as never;

  it('v3 -> v4 -> v3 is the identity, with and without memory', () => {
    fc.assert(
      fc.property(contents, (part) => {
        expect(contentToV3(contentToV4(part), nothingLost)).toEqual(part);
        expect(contentToV3(copy(contentToV4(part)), nothingLost)).toEqual(part);
      }),
    );
  });

  it('reports what v3 has no word for', () => {
    const lost: string[] = [];
    const note: Lost = (what) => void lost.push(what);
    expect(contentToV3({ type: 'custom', kind: 'a.b' }, note)).toBeUndefined();
    const linked = { type: 'file', mediaType: 'image/png', data: { type: 'url', url: new URL('https://example.com') } };
    expect(contentToV3(linked, note)).toBeUndefined();
    expect(lost).toEqual(['a part of type custom', 'a file that is given by its URL']);
    expect(finishToV3({ unified: 'interrupted', raw: 'paused' })).toEqual({ unified: 'other', raw: 'paused' });
    expect(finishToV3({ unified: 'length', raw: 'max' })).toEqual({ unified: 'length', raw: 'max' });
  });
});
