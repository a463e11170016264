/** QEMU's QAPI schema language (docs/devel/qapi-code-gen.rst): JSON in single quotes with comments, one expression after another. */

/** A type's name, or a list of that type. */
export type TypeRef = string | [string];
/** Preprocessor conditions under which QEMU has a thing. */
type Condition = string | object;
export type Member = TypeRef | { type: TypeRef; if?: Condition };
/** By name; a name that begins with `*` is optional. */
export type Members = Record<string, Member>;

export interface Union {
  union: string;
  base: string | Members;
  /** The member of `base` that says which branch it is; an enumeration. */
  discriminator: string;
  data: Members;
}

export interface Command {
  command: string;
  data?: string | Members;
  returns?: TypeRef;
  /** False: it takes more arguments than the schema says. */
  gen?: boolean;
  /** False: it answers nothing but an error. */
  "success-response"?: boolean;
}

export type Definition =
  | { enum: string; data: (string | { name: string })[] }
  | { struct: string; data: Members; base?: string }
  | Union
  | { alternate: string; data: Members }
  | Command
  | { event: string; data?: string | Members };

const TOKEN = /\s+|#[^\n]*|'[^'\\]*'|true|false|[{}[\]:,]/y;

/** The definitions of a schema file's text; includes and pragmas are left out. Throws with the place of what it can't read. */
export function parseSchema(text: string): Definition[] {
  const definitions: Definition[] = [];
  let expression = "";
  let depth = 0;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined)
      throw new Error(`Line ${text.slice(0, at).split("\n").length} is no QAPI: ${text.slice(at, at + 40)}`);
    if (/^[\s#]/.test(token)) continue;
    expression += token.startsWith("'") ? JSON.stringify(token.slice(1, -1)) : token;
    if (/[{[]/.test(token)) depth++;
    if (!/^[}\]]$/.test(token) || --depth > 0) continue;
    const value = JSON.parse(expression);
    expression = "";
    if (!("include" in value) && !("pragma" in value)) definitions.push(value);
  }
  if (depth > 0) throw new Error("The last expression is not closed.");
  return definitions;
}
