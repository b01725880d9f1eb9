/**
 * Tags of HTML, and which elements are open after each of them, in one pass: as a browser closes what a page leaves open,
 * so that what the browser hides is what is not read. Each step costs the same however deep the elements lie.
 */
import { withoutEntities } from './entities.ts';

export interface Tag {
  readonly kind: 'open' | 'close';
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Ends with `/>`. */
  readonly closed: boolean;
  /** Where the text behind it begins. */
  readonly end: number;
}

const NAME = /<\/?([a-zA-Z][^\s/>]*)/y;
const BETWEEN = /[\s/]*/y;
const ATTRIBUTE = /[^\s/>][^\s/>=]*/y;
const EQUALS = /\s*=\s*/y;
const BARE = /[^\s>]+/y;

/** The tag that begins at `at`: `undefined` where none does, `broken` where it has no end. */
export function tagAt(text: string, at: number): Tag | 'broken' | undefined {
  const name = matched(NAME, text, at);
  if (name === undefined) return undefined;
  const attributes = new Map<string, string>();
  for (let i = at + name[0].length; ;) {
    i += matched(BETWEEN, text, i)?.[0].length ?? 0;
    if (text[i] === '>')
      return {
        kind: text[at + 1] === '/' ? 'close' : 'open',
        name: (name[1] ?? '').toLowerCase(),
        attributes,
        closed: text[i - 1] === '/',
        end: i + 1,
      };
    const attribute = matched(ATTRIBUTE, text, i);
    if (attribute === undefined) return 'broken';
    i += attribute[0].length;
    let value = '';
    const equals = matched(EQUALS, text, i);
    if (equals !== undefined) {
      i += equals[0].length;
      const quote = text[i];
      if (quote === '"' || quote === "'") {
        const end = text.indexOf(quote, i + 1);
        if (end === -1) return 'broken';
        value = text.slice(i + 1, end);
        i = end + 1;
      } else {
        value = matched(BARE, text, i)?.[0] ?? '';
        i += value.length;
      }
    }
    const key = attribute[0].toLowerCase();
    if (!attributes.has(key)) attributes.set(key, withoutEntities(value));
  }
}

function matched(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Have no text and no end. */
const VOID = words('area base br col embed hr img input link meta param source track wbr');
/** Their text is no markup. */
export const RAW = words('script style textarea title xmp iframe noembed noframes noscript');
const UNSEEN = words(
  'script style noscript template head svg math nav iframe noembed noframes datalist audio video canvas rp',
);
const HEAD = words('html head base link meta title style script noscript template noframes');
/** Left open, these go on behind the end of what they stand in. */
const FORMATTING = words('a b big code em font i nobr s small strike strong tt u');
/** What is open outside of these is not closed by the end tag of something inline. */
const SPECIAL = words(
  'address article aside blockquote body button caption center colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hgroup html iframe li listing main marquee menu nav noembed noframes noscript object ol p plaintext pre script search section select style summary table tbody td template textarea tfoot th thead title tr ul xmp',
);
/** What is open outside of these is not closed by the end tag of a block. */
const BARRIER = words('td th caption table template object marquee html');
const CLOSES_P = words(
  'address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li listing main menu nav ol p plaintext pre search section summary table ul xmp',
);
/** Out of foreign markup, such as a drawing, these lead back. */
const BREAKS_OUT = words(
  'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var',
);
const INTEGRATION = words('foreignobject desc title annotation-xml mi mo mn ms mtext');
const HEADING = /^h[1-6]$/;
const GROUP = /^t(?:body|head|foot)$/;
const OF_TABLES = words('td th tr tbody thead tfoot caption colgroup col');

export interface Open {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Its text is not seen. */
  readonly hidden: boolean;
}

/** An open element, and the nearest of those around it, itself included, that an end tag does not get past. */
interface Element extends Open {
  /** As it was told of when it was opened. */
  readonly told: Open;
  readonly key: string;
  readonly id: number;
  readonly foreign: boolean;
  readonly special: Element;
  readonly barrier: Element;
  readonly button: Element;
  readonly list: Element;
  readonly table: Element;
  /** Of a list and the like: the nearest that is more than a division. */
  readonly item: Element;
  /** In a table, and in none of its cells. */
  readonly betweenCells: boolean;
}

export interface Elements {
  /** Whether what comes next is not seen. */
  hidden(): boolean;
  /** Whether what comes next is in a drawing or a formula. */
  foreign(): boolean;
  open(tag: Tag): void;
  close(name: string): void;
  /** What a browser closes before a text: a head that was not ended. */
  text(): void;
}

/** How a document is written. */
export interface Dialect {
  readonly xml?: boolean | undefined;
  /** Without a document type, a table does not end a paragraph. */
  readonly quirks?: boolean | undefined;
}

/** Follows tags. `opened` and `closed` hear of every element but those that only format, and of ends that are not written. */
export function elements(
  { xml = false, quirks = false }: Dialect = {},
  opened: (element: Open) => void = () => {},
  closed: (element: Open) => void = () => {},
): Elements {
  const root = rootElement();
  const stack: Element[] = [root];
  /** How many elements are open, by name and by the part of the page that an end tag reaches. */
  const open = new Map<string, number>();
  /** Of formatting that is open: whether each hides its text. */
  const formatting = new Map<string, boolean[]>();
  let hiding = 0;
  let ids = 0;
  const top = (): Element => stack.at(-1) ?? root;

  const keyOf = (name: string, within: Element): string => {
    if (name === 'template' || name === 'svg' || name === 'math') return name;
    const reach = OF_TABLES.has(name)
      ? within.table
      : name === 'p'
        ? within.button
        : name === 'li'
          ? within.list
          : SPECIAL.has(name) || xml
            ? within.barrier
            : within.special;
    return `${HEADING.test(name) ? 'heading' : name} ${reach.id}`;
  };
  const pop = (): void => {
    const element = stack.pop() ?? root;
    const left = (open.get(element.key) ?? 1) - 1;
    if (left === 0) open.delete(element.key);
    else open.set(element.key, left);
    if (BARRIER.has(element.name) && formatting.size > 0)
      for (const name of FORMATTING) {
        const key = `${name} ${element.id}`;
        hiding -= formatting.get(key)?.filter(Boolean).length ?? 0;
        formatting.delete(key);
      }
    closed(element.told);
  };
  /** Closes the innermost open element of that name, and all that is open in it. */
  const popTo = (name: string): void => {
    const key = keyOf(name, top());
    if (!open.has(key)) return;
    for (let found = false; !found && stack.length > 1;) {
      found = top().key === key;
      pop();
    }
  };
  const popWhile = (test: (element: Element) => boolean): void => {
    while (stack.length > 1 && test(top())) pop();
  };
  const popThrough = (last: Element): void => {
    popWhile((element) => element !== last);
    if (stack.length > 1) pop();
  };
  const closeFormatting = (name: string): boolean => {
    const key = `${name} ${top().barrier.id}`;
    const states = formatting.get(key);
    if (states === undefined) return false;
    if (states.pop()) hiding--;
    if (states.length === 0) formatting.delete(key);
    return true;
  };

  /** Ends what a browser ends when this begins. False: the tag means nothing here. */
  const makeRoom = (name: string): boolean => {
    popWhile(({ foreign }) => foreign && BREAKS_OUT.has(name));
    if (top().foreign) return true;
    if (top().name === 'head' && !HEAD.has(name)) popTo('head');
    if (name === 'head' || name === 'body' || name === 'html') return top() === root || top().name === 'html';
    if (OF_TABLES.has(name)) return makeRoomInTable(name);
    if (name === 'table' && top().betweenCells && top().table.name === 'table') popThrough(top().table);
    if (CLOSES_P.has(name) && !(quirks && name === 'table')) popTo('p');
    const { item } = top();
    if ((name === 'li' && item.name === 'li') || (/^d[dt]$/.test(name) && /^d[dt]$/.test(item.name))) {
      popThrough(item);
      popTo('p');
    } else if (HEADING.test(name) && HEADING.test(top().name) && !top().hidden) pop();
    else if (name === 'button') popTo('button');
    else if ((name === 'option' || name === 'optgroup') && top().name === 'option') pop();
    else if (name === 'a' || name === 'nobr') closeFormatting(name);
    return true;
  };
  const makeRoomInTable = (name: string): boolean => {
    const { table } = top();
    if (table.name === 'template') return true;
    if (table.name !== 'table') return false;
    if (name === 'td' || name === 'th') {
      popTo('td');
      popTo('th');
      popTo('caption');
      popWhile((element) => element !== table && element.name !== 'tr' && !GROUP.test(element.name));
    } else if (name === 'tr') popWhile((element) => element !== table && !GROUP.test(element.name));
    else popWhile((element) => element !== table);
    return true;
  };

  return {
    hidden: () => top().hidden || hiding > 0,
    foreign: () => top().foreign,
    open({ name, attributes, closed: ended }) {
      if (!xml && !makeRoom(name)) return;
      const parent = top();
      const hides = UNSEEN.has(name) || isHidden(name, attributes);
      if (!xml && FORMATTING.has(name) && !parent.foreign) {
        const key = `${name} ${parent.barrier.id}`;
        const states = formatting.get(key) ?? [];
        formatting.set(key, states);
        states.push(hides);
        if (hides) hiding++;
        return;
      }
      const hidden = parent.hidden || hides;
      const told = { name, attributes, hidden: hidden || hiding > 0 };
      const element = child(parent, { name, attributes, hidden, told, key: keyOf(name, parent), id: ++ids });
      stack.push(element);
      open.set(element.key, (open.get(element.key) ?? 0) + 1);
      opened(told);
      if ((VOID.has(name) && !xml) || (ended && (xml || element.foreign || name === 'svg' || name === 'math'))) pop();
    },
    close(name) {
      if (!xml && (name === 'body' || name === 'html')) return;
      if (!xml && FORMATTING.has(name) && !top().foreign) return void closeFormatting(name);
      const { barrier, table } = top();
      if (name === 'table' && !xml) {
        if (table.name === 'table') popThrough(table);
      } else if (!xml && BARRIER.has(name) && !OF_TABLES.has(name) && name !== 'template') {
        if (barrier.name === name) popThrough(barrier);
      } else popTo(name);
    },
    text() {
      if (top().name === 'head') popTo('head');
    },
  };
}

/** What stands around everything, itself included. */
function rootElement(): Element {
  const told: Open = { name: '', attributes: new Map(), hidden: false };
  const root: Element = {
    ...told,
    told,
    key: '',
    id: 0,
    foreign: false,
    betweenCells: false,
    get special() {
      return root;
    },
    get barrier() {
      return root;
    },
    get button() {
      return root;
    },
    get list() {
      return root;
    },
    get table() {
      return root;
    },
    get item() {
      return root;
    },
  };
  return root;
}

function child(parent: Element, own: Pick<Element, 'name' | 'attributes' | 'hidden' | 'told' | 'key' | 'id'>): Element {
  const { name } = own;
  const isForeign = name === 'svg' || name === 'math' || (parent.foreign && !INTEGRATION.has(name));
  const isBarrier = BARRIER.has(name) || (parent.foreign && INTEGRATION.has(name));
  const element: { -readonly [field in keyof Element]: Element[field] } = { ...parent, ...own, foreign: isForeign };
  if (isForeign) return element;
  if (isBarrier || SPECIAL.has(name)) element.special = element;
  if (isBarrier) element.barrier = element;
  if (isBarrier || name === 'button') element.button = element;
  if (isBarrier || name === 'ul' || name === 'ol' || name === 'menu') element.list = element;
  if (name === 'table' || name === 'template' || name === 'html') element.table = element;
  if (isBarrier || (SPECIAL.has(name) && !/^(?:address|div|p)$/.test(name))) element.item = element;
  element.betweenCells = name === 'table' || name === 'tr' || GROUP.test(name) || (parent.betweenCells && !isBarrier);
  return element;
}

/** What the page's own tags hide. Style sheets and scripts are not read, so what they hide is seen here. */
function isHidden(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (attributes.has('hidden') || (name === 'dialog' && !attributes.has('open'))) return true;
  const style = attributes.get('style');
  return style !== undefined && HIDING.test(style.replaceAll(/\/\*[^*]*\*\/|\s/g, '').toLowerCase());
}
const HIDING =
  /(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|content-visibility:hidden|opacity:0*(?:\.0*)?%?(?:!|;|$)|font-size:0*(?:\.0*)?(?:px|pt|em|rem|%)?(?:!|;|$)|color:transparent|clip:rect\([01](?:px)?[,)]|clip-path:inset\((?:50|100)%|(?:left|right|top|bottom|text-indent):-(?:\d{4,}|\d{3,}r?em))/;
