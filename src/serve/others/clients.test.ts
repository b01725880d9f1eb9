/** Clients that others wrote in front of a server of ours, and an upstream of ours behind it. */
import { conversations } from '../test-support/conversations.ts';
import { serving } from '../test-support/serving.ts';

conversations(serving);
