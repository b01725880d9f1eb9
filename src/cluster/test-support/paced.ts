/**
 * A process that calls a server within shared limits: `paced.ts ADDRESS URL LIMIT CALLER CALLS PER_SECOND PLACES`. 0: no such limit.
 */
import { openDatabase } from '../database.ts';
import { sharedPlaces } from '../limits/places.ts';
import { sharedRate } from '../limits/rate.ts';
import { call } from './upstream.ts';

const [address = '', url = '', name = '', caller = '', calls = '0', perSecond = '0', places = '0'] =
  process.argv.slice(2);
const database = await openDatabase(address);
const rate = Number(perSecond) > 0 ? sharedRate(database, { name, perSecond: Number(perSecond) }) : undefined;
const room =
  Number(places) > 0
    ? await sharedPlaces(database, { name, holder: caller, most: Number(places), leaseMs: 2000 })
    : undefined;
const { signal } = new AbortController();
await call(url, 'warms up').catch(() => undefined);
await Promise.all(
  Array.from({ length: Number(calls) }, async () => {
    const place = await room?.enter(signal);
    await rate?.start(signal);
    await call(url, caller);
    place?.leave();
  }),
);
await room?.close();
await database.close();
