/**
 * A database on several hosts, a primary and its replicas: connections go to the host that was last good, and to the next one where it
 * does not answer, or where it takes no writes and the address asks for one that does.
 */
import type { Client, ClientConfig } from 'pg';
import type { Address } from './postgres-address.ts';
import { mayPass } from './postgres-error.ts';

export type ClientClass = typeof Client;

export interface Hosts {
  /** A client whose `connect` goes to the host that is in turn, and hands the turn on where that is none to use. */
  readonly Client: ClientClass;
  /** Connects to the first that can be used. Rejects with what is wrong where none can. */
  connect(settings: ClientConfig): Promise<Client>;
}

/** What the pool gives. */
type Told = ((error: Error) => void) | ((error: null, client: Client) => void);

/** No host of the address takes writes: this code is its own, and `postgres-error.ts` has words for it. */
const STANDBY = Object.assign(new Error('in recovery, or read-only'), { code: 'STANDBY' });

export function hostsOf(Base: ClientClass, { connections, mustWrite }: Address): Hosts {
  let turn = 0;
  class HostClient extends Base {
    readonly #at = turn;
    constructor(settings: ClientConfig) {
      super({ ...settings, connectionString: connections[turn % connections.length] });
      this.on('error', () => undefined); // what was asked of it hears of it
    }

    override connect(): Promise<Client>;
    override connect(told: Told): void;
    override connect(told?: Told): Promise<Client> | void {
      const reached = this.#reach();
      if (!told) return reached;
      const tell = told as (error: Error | null, client?: Client) => void;
      reached.then((client) => tell(null, client), tell);
    }

    async #reach(): Promise<Client> {
      try {
        await super.connect();
        if (!mustWrite || (await takesWrites(this))) return this;
        await this.end();
        throw STANDBY;
      } catch (error) {
        if (turn === this.#at && mayPass(error)) turn++; // of several that fail at one time, one hands it on
        throw error;
      }
    }
  }
  return {
    Client: HostClient,
    async connect(settings) {
      let first: unknown;
      for (let left = connections.length; left > 0; left--) {
        const client = new HostClient(settings);
        try {
          await client.connect();
          return client;
        } catch (error) {
          if (!mayPass(error)) throw error;
          if (error === STANDBY || first === undefined) first = error; // one that answers says more than one that does not
        }
      }
      throw first;
    },
  };
}

async function takesWrites(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ readonly no: unknown }>(
    `SELECT (pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on')::int AS no`,
  );
  return Number(rows[0]?.no) === 0;
}
