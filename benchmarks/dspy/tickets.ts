/** Messages to a shop, and which of four teams each is for: a task that a small model cannot do before it is shown how an answer looks. */
import { seeded, user, type Choice } from '../../src/core/index.ts';
import { metricOf, type Task } from '../../src/tasks/index.ts';

export const INSTRUCTION =
  'Which team is the message for: account, billing, delivery or repair? Reply with the one word.';

const SLOTS: { readonly [slot: string]: readonly string[] } = {
  item: ['kettle', 'lamp', 'jacket', 'desk', 'phone', 'printer', 'pair of boots', 'camera', 'blender', 'chair'],
  day: ['on Monday', 'on Tuesday', 'on Friday', 'yesterday', 'last week', 'this morning'],
  sum: ['$14', '$39', '$120', '$75', '$8'],
  city: ['Leeds', 'Porto', 'Lyon', 'Turin', 'Cork', 'Ghent'],
};

const SENTENCES: { readonly [team: string]: readonly string[] } = {
  account: [
    'I forgot my password {day} and cannot sign in.',
    'Please change the name that I sign in with to that of my wife in {city}.',
    'I moved to {city} {day}: how do I change my profile?',
    'Someone in {city} signed in as me {day}.',
    'Please delete all that you have held about me since I lived in {city}.',
    'The code to sign in never comes to my phone. I tried {day}.',
  ],
  billing: [
    'You took {sum} from my card twice for the {item}.',
    'My bill says {sum}, but the {item} was cheaper in the shop.',
    'When will I get my {sum} back for the {item}?',
    'I need a receipt for the {sum} that I paid {day}.',
    'The discount was not taken off the {item}: I was charged {sum}.',
    'Why did I pay {sum} {day}? I bought nothing.',
  ],
  delivery: [
    'My {item} should have come {day}.',
    'Can the {item} be sent to {city} instead?',
    'The parcel with the {item} was left in the rain {day}.',
    'Nobody rang the bell {day}, and now the {item} is back in {city}.',
    'Where is my {item}? It left {city} {day}.',
    'How many days does a {item} take to {city}?',
  ],
  repair: [
    'The {item} stopped working {day}.',
    'The {item} came {day} with a broken part.',
    'My {item} has made a strange noise since {day}.',
    'A screw of the {item} is missing. I saw it {day}.',
    'The {item} gets very hot and then turns off. It began {day}.',
    'The {item} fell apart in my hands {day}.',
  ],
};

/** So many messages, as many for each team, no two alike and none that is among `but`. */
export function tickets(count: number, seed: string, but: Task['items'] = []): Task {
  const choice = seeded(seed);
  const seen = new Set(but.map(({ id }) => id));
  const teams = Object.keys(SENTENCES);
  const items: Task['items'][number][] = [];
  for (let i = 0; items.length < count; i++) {
    const team = teams[items.length % teams.length] as string;
    const message = written(SENTENCES[team] as readonly string[], choice.fork(String(i)));
    if (seen.has(message)) continue;
    seen.add(message);
    items.push({
      id: message,
      request: { prompt: [user(message)], maxOutputTokens: 12 },
      expected: team,
    });
  }
  return { name: 'tickets', items, metric: metricOf('exact') };
}

function written(sentences: readonly string[], choice: Choice): string {
  const pick = (all: readonly string[], key: string): string =>
    all[choice.fork(key).categorical(all.map(() => 1))] as string;
  return pick(sentences, 'sentence').replaceAll(/\{(\w+)\}/g, (_, slot: string) => pick(SLOTS[slot] ?? [], slot));
}
