/** Characters as HTML writes them: by number, and by the names that are common on pages. */

/** The names of the characters 160 to 255, in order. */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'.split(
    ' ',
  );
const GREEK =
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega'.split(
    ' ',
  );
/** A name and, behind it, its character. */
const OTHERS = `
amp& lt< gt> quot" apos' OEligŒ oeligœ ScaronŠ scaronš YumlŸ ZcaronŽ zcaronž fnofƒ circˆ tilde˜ sigmafς
thetasymϑ upsihϒ pivϖ ndash– mdash— horbar― lsquo‘ rsquo’ sbquo‚ ldquo“ rdquo” bdquo„ dagger† Dagger‡ bull•
hellip… permil‰ prime′ Prime″ lsaquo‹ rsaquo› oline‾ frasl⁄ euro€ imageℑ weierp℘ realℜ trade™ alefsymℵ larr←
uarr↑ rarr→ darr↓ harr↔ crarr↵ lArr⇐ uArr⇑ rArr⇒ dArr⇓ hArr⇔ forall∀ part∂ exist∃ empty∅ nabla∇ isin∈ notin∉
ni∋ prod∏ sum∑ minus− lowast∗ radic√ prop∝ infin∞ ang∠ and∧ or∨ cap∩ cup∪ int∫ there4∴ sim∼ cong≅ asymp≈ ne≠
equiv≡ le≤ ge≥ sub⊂ sup⊃ nsub⊄ sube⊆ supe⊇ oplus⊕ otimes⊗ perp⊥ sdot⋅ lceil⌈ rceil⌉ lfloor⌊ rfloor⌋ lang⟨
rang⟩ loz◊ spades♠ clubs♣ hearts♥ diams♦ check✓ cross✗ star☆ starf★ phone☎ num# excl! percnt% dollar$ lpar(
rpar) ast* plus+ comma, period. sol/ colon: semi; equals= quest? commat@ lsqb[ bsol\\ rsqb] lbrack[ rbrack]
Hat^ lowbar_ grave\` lcub{ lbrace{ verbar| vert| rcub} rbrace} hyphen‐ dash‐ half½ frac13⅓ frac23⅔ frac15⅕
frac18⅛ frac38⅜ frac58⅝ frac78⅞ copysr℗ numero№ ohmΩ deg°
`;
const SPACES = {
  ensp: '\u2002',
  emsp: '\u2003',
  thinsp: '\u2009',
  hairsp: '\u200a',
  numsp: '\u2007',
  puncsp: '\u2008',
  zwnj: '\u200c',
  zwj: '\u200d',
  lrm: '\u200e',
  rlm: '\u200f',
  NewLine: '\n',
  Tab: '\t',
};

const NAMED = new Map<string, string>([
  ...LATIN.map((name, i) => [name, String.fromCharCode(160 + i)] as const),
  ...GREEK.map((name, i) => [name, String.fromCharCode(0x391 + i)] as const),
  ...GREEK.map((name, i) => [name.toLowerCase(), String.fromCharCode(0x3b1 + i)] as const),
  ...OTHERS.trim()
    .split(/\s/)
    .map((pair) => [pair.slice(0, -1), pair.slice(-1)] as const),
  ...Object.entries(SPACES),
  ['AMP', '&'],
  ['LT', '<'],
  ['GT', '>'],
  ['QUOT', '"'],
  ['COPY', '©'],
  ['REG', '®'],
]);
/** These need no semicolon. */
const OLD = new Set([...LATIN, 'amp', 'lt', 'gt', 'quot', 'AMP', 'LT', 'GT', 'QUOT', 'COPY', 'REG']);
const WINDOWS = new TextDecoder('windows-1252');

/** The text that a reader sees. A name that is not known stays as it is written. */
export function withoutEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,7})|([A-Za-z][A-Za-z0-9]{1,30}));?/g,
    (written, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) return named(written, name);
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      if (code >= 128 && code < 160) return WINDOWS.decode(Uint8Array.of(code));
      return code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code);
    },
  );
}

function named(written: string, name: string): string {
  if (written.endsWith(';')) return NAMED.get(name) ?? written;
  if (OLD.has(name)) return NAMED.get(name) ?? written;
  return written;
}
