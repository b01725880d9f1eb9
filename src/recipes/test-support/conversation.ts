/** A request that asks for all that there is to ask for, a model that replies by what it is asked, and what came of it. */
import { questionOf, system, type Message, type Request, type Sample, type StreamPart } from '../../core/index.ts';
import { scripted, type Scripted, type Step } from '../../models/written/index.ts';

const image = { type: 'file' as const, mediaType: 'image/png', data: { type: 'data' as const, data: 'AAAA' } };
/** A question with a picture, after a system message. */
export const prompt: readonly Message[] = [
  system('Be brief.'),
  { role: 'user', content: [{ type: 'text', text: 'How many?' }, image] },
];
const tools = [{ type: 'function' as const, name: 'look', inputSchema: {} }];
/** The question, to be answered in JSON and with a tool at hand. */
export const formed: Request = { prompt, responseFormat: { type: 'json' }, tools, toolChoice: { type: 'auto' } };
/** What prompts are told of it. */
export const whole = { question: 'How many?', context: '', asked: 'How many?' };

export const says = (
  name: string,
  reply: (text: string, prompt: readonly Message[], index: number) => Step,
): Scripted => scripted(({ prompt: got }, { index }) => reply(questionOf(got), got, index), { name });

/** The questions that a model was asked. */
export const asked = ({ calls }: Scripted): string[] => calls.map(({ request }) => questionOf(request.prompt));

/** Which of the questions were asked in the form of the request, and not for prose. */
export const forms = (model: Scripted): boolean[] =>
  model.calls.map(({ request }) => request.responseFormat?.type === 'json' && request.tools !== undefined);

/** The facts about a sample. */
export const facts = ({ providerMetadata }: Sample): unknown => providerMetadata?.['plusx'];

export async function all(parts: AsyncIterable<StreamPart>): Promise<StreamPart[]> {
  const list: StreamPart[] = [];
  for await (const part of parts) list.push(part);
  return list;
}
