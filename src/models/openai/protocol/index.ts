/** What the client's side knows of the protocol, for our own server. No part of the public interface. */
export { SHAPES } from '../memory.ts';
export { messagesOf, type Dialect } from '../messages.ts';
export { optionsOf } from '../openai-compatible.ts';
export { placeOf, type Place } from './place.ts';
export { usageOf as reportedIn } from '../replies/usage.ts';
export { boolean, finite, list, object, objects, text, whole, type Wire } from '../wire.ts';
