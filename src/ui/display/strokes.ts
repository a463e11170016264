/** Text as the keys that type it on a US keyboard. */

/** KeyboardEvent.code values that go down in this order, and come up in the other. */
export type Stroke = readonly string[];

/** Each key's characters, without and with Shift. */
const PAIRS: Record<string, string> = {
  Backquote: "`~",
  Minus: "-_",
  Equal: "=+",
  BracketLeft: "[{",
  BracketRight: "]}",
  Backslash: "\\|",
  Semicolon: ";:",
  Quote: "'\"",
  Comma: ",<",
  Period: ".>",
  Slash: "/?",
};
const DIGITS = ")!@#$%^&*(";

const STROKES = new Map<string, Stroke>([
  ["\n", ["Enter"]],
  ["\t", ["Tab"]],
  [" ", ["Space"]],
]);
for (const [code, pair] of Object.entries(PAIRS)) addPair(code, pair);
for (const [digit, shifted] of [...DIGITS].entries()) addPair(`Digit${digit}`, `${digit}${shifted}`);
for (const letter of "abcdefghijklmnopqrstuvwxyz") {
  addPair(`Key${letter.toUpperCase()}`, letter + letter.toUpperCase());
}

function addPair(code: string, [plain = "", shifted = ""]: string): void {
  STROKES.set(plain, [code]).set(shifted, ["ShiftLeft", code]);
}

/** The strokes, and the characters that no key of the US layout has, each once. */
export function strokesOf(text: string): { strokes: Stroke[]; missing: string[] } {
  const strokes: Stroke[] = [];
  const missing = new Set<string>();
  for (const character of text.replaceAll("\r\n", "\n").replaceAll("\r", "\n")) {
    const stroke = STROKES.get(character);
    if (stroke) strokes.push(stroke);
    else missing.add(character);
  }
  return { strokes, missing: [...missing] };
}
