/**
 * plusx inside the AI SDK, and the AI SDK inside plusx. Runs without a key: `node examples/ai-sdk.ts`.
 * The model is written down as a distribution; a provider's model takes its place without another change.
 * `ai7` is version 7 of the package `ai`, under the name this repository installs it by; version 6 works as well.
 */
import { generateText, wrapLanguageModel } from 'ai7';
import { plus } from '../src/core/index.ts';
import { asMiddleware, toAiSdk } from '../src/models/ai-sdk/index.ts';
import { enumerable } from '../src/models/written/index.ts';
import { selfConsistency } from '../src/search/self-consistency/self-consistency.ts';

const prompt = 'How many r are in strawberry?';
const base = enumerable({ name: 'guesser', answers: { [prompt]: { '3': 5, '2': 4, '1': 1 } } });
const vote = selfConsistency({ n: 25 });

// Any plusx model is a model of the AI SDK.
const voted = await generateText({ model: toAiSdk(plus(base, vote), { seed: 1 }), prompt });
console.log(voted.text, voted.providerMetadata?.['plusx']);

// Any technique is middleware for a model of the AI SDK: here one made of plusx, as well openai('gpt-5-mini').
const model = wrapLanguageModel({ model: toAiSdk(base), middleware: asMiddleware(vote, { seed: 1 }) });
const wrapped = await generateText({ model, prompt });
console.log(wrapped.text, wrapped.usage.totalTokens, wrapped.providerMetadata?.['plusx']);
