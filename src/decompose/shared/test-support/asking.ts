/** A request with an image and a form, and models that answer by what is asked of them. */
import { questionOf, system, type Message, type Request } from '../../../core/index.ts';
import { scripted, type Scripted } from '../../../models/written/index.ts';

export const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
export const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'How many?' }, image] },
];
export const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
export const formed: Request = { prompt, responseFormat: { type: 'json' }, tools, toolChoice: { type: 'auto' } };

export const asked = ({ calls }: Scripted): string[] => calls.map(({ request }) => questionOf(request.prompt));
export const facts = (sample: { providerMetadata?: unknown }): unknown =>
  (sample.providerMetadata as { plusx: unknown } | undefined)?.plusx;
/** A model that answers by the first key that what is asked holds. */
export const replies = (table: { readonly [held: string]: string }): Scripted =>
  scripted(({ prompt: got }) => {
    const text = questionOf(got);
    return Object.entries(table).find(([held]) => text.includes(held))?.[1] ?? 'unasked';
  });
