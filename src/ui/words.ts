/** What `splitWords` makes of a line: its words, or one sentence saying why it has none. */
export type Words = { words: string[] } | { problem: string };

const BLANK = /\s/;

/**
 * Splits a line into words as a POSIX shell does, without any expansion: blanks separate, single quotes are literal,
 * in double quotes a backslash escapes `"`, `\`, `$` and a backtick, outside quotes a backslash escapes any character.
 */
export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line.charAt(i);
    if (quote === "'") {
      if (c === "'") quote = undefined;
      else word += c;
    } else if (quote === '"') {
      if (c === '"') quote = undefined;
      else if (c === "\\" && /["\\$`]/.test(line.charAt(i + 1))) word += line.charAt(++i);
      else word += c;
    } else if (c === "'" || c === '"') {
      quote = c;
      word ??= "";
    } else if (c === "\\") {
      if (i + 1 >= line.length) return { problem: "The line ends with a backslash that escapes nothing: remove it." };
      word = (word ?? "") + line.charAt(++i);
    } else if (BLANK.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + c;
    }
  }
  if (quote)
    return { problem: `A ${quote === "'" ? "single" : "double"} quote is not closed: add ${quote} at its end.` };
  if (word !== undefined) words.push(word);
  return { words };
}

const PLAIN = /^[\w@%+=:,./-]+$/;

/** The inverse, for showing and copying a command line: quotes only the words that need it. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
