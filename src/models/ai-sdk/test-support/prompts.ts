/** Random prompts of specification v3 and v4, for laws. */
import * as fc from 'fast-check';

export const text = fc.string({ maxLength: 8 });
export const bytes = fc.uint8Array({ maxLength: 8 });
export const base64 = bytes.map((data) => Buffer.from(data).toString('base64'));
const url = fc.webUrl().map((address) => new URL(address));
const json = fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.parse(JSON.stringify(value)) as null | string);
const options = { providerOptions: fc.constant({ openai: { detail: 'low', nested: [1, null] } }) };
/** A record some of whose fields may be missing (never `undefined`). */
export const record = <T, K extends keyof T>(required: { [P in K]: fc.Arbitrary<T[P]> }, optional: object = {}) =>
  fc.record(
    { ...required, ...options, ...optional },
    { requiredKeys: Object.keys(required) as never[] },
  ) as unknown as fc.Arbitrary<Pick<T, K>>;
export const of = <const T extends string>(type: T) => fc.constant(type);
const file = fc.constantFrom('application/pdf', 'text/plain', 'audio/wav');
export const image = fc.constantFrom('image/png', 'image/jpeg', 'image/*');

const call = record(
  { type: of('tool-call'), toolCallId: text, toolName: text, input: json },
  { providerExecuted: fc.boolean() },
);
const plain = record({ type: of('text'), text });
const plainOutputs = [
  record({ type: fc.constantFrom('text', 'error-text'), value: text }),
  record({ type: fc.constantFrom('json', 'error-json'), value: json }),
  record({ type: of('execution-denied') }, { reason: text }),
];
export const toolResult = (items: readonly fc.Arbitrary<object>[]) =>
  record({
    type: of('tool-result'),
    toolCallId: text,
    toolName: text,
    output: fc.oneof(
      ...plainOutputs,
      record({ type: of('content'), value: fc.array(fc.oneof(...items), { maxLength: 3 }) }),
    ),
  });
export const promptOf = (
  files: fc.Arbitrary<object>,
  result: fc.Arbitrary<object>,
  more: readonly fc.Arbitrary<object>[] = [],
) =>
  fc.array(
    fc.oneof(
      record({ role: of('system'), content: text }),
      record({ role: of('user'), content: fc.array(fc.oneof(plain, files), { maxLength: 3 }) }),
      record({
        role: of('assistant'),
        content: fc.array(fc.oneof(plain, record({ type: of('reasoning'), text }), files, call, result, ...more), {
          maxLength: 4,
        }),
      }),
      record({
        role: of('tool'),
        content: fc.array(
          fc.oneof(result, record({ type: of('tool-approval-response'), approvalId: text, approved: fc.boolean() })),
          { maxLength: 3 },
        ),
      }),
    ),
    { maxLength: 4 },
  );

const id = fc.oneof(text, fc.constant({ openai: 'file-1' }));
export const itemsV3 = {
  both: [
    plain,
    record({ type: of('custom') }),
    record({ type: of('file-data'), data: base64, mediaType: file }, { filename: text }),
    record({ type: of('image-data'), data: base64, mediaType: image }),
    record({ type: of('file-data'), data: base64, mediaType: image, filename: text }),
    record({ type: of('file-url'), url: fc.webUrl(), mediaType: file }),
    record({ type: of('image-url'), url: fc.webUrl() }),
  ],
  v3: [
    record({ type: of('file-data'), data: base64, mediaType: image }),
    record({ type: of('file-url'), url: url.map(String) }, { mediaType: image }),
    record({ type: fc.constantFrom('file-id', 'image-file-id'), fileId: id }),
  ],
};
export const fileV3 = fc.oneof(
  record(
    { type: of('file'), data: fc.oneof(bytes, base64, url), mediaType: fc.oneof(file, image) },
    { filename: text },
  ),
  record({ type: of('file'), data: url, mediaType: file, originalUrl: text }),
);

const data4 = fc.oneof(record({ type: of('data'), data: fc.oneof(bytes, base64) }), record({ type: of('url'), url }));
const bare = (arbitrary: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  arbitrary.map((part) => Object.fromEntries(Object.entries(part).filter(([name]) => name !== 'providerOptions')));
export const fileV4 = record(
  { type: of('file'), data: bare(data4), mediaType: fc.oneof(file, image) },
  { filename: text },
);
export const itemsV4 = [
  plain,
  record({ type: of('custom') }),
  record({
    type: of('file'),
    data: bare(record({ type: of('data'), data: base64 })),
    mediaType: fc.oneof(file, image),
  }),
  record({ type: of('file'), data: bare(record({ type: of('url'), url })), mediaType: file }),
];
