/**
 * When a question is asked: the conditions the server sends as trees. Pure, and the same for phones
 * and for the desk's forms. true: asked; false: not asked; null: not asked yet, as what decides it
 * is not known. The shape of a tree and what each word means stand in docs/sync.md.
 */

/** [what, its parts …] */
export type Tree = readonly [string, ...unknown[]];
/** A value in the form of the tree: fen, day and month numbers, keys of codes; null is unknown. */
export type Inner = boolean | number | string | readonly string[] | null;
/** What is known of a fact, in the form of the tree. */
export type Look = (level: string, name: string) => Inner;

/** Whether the question is asked. */
export function holds(tree: Tree, look: Look): boolean | null {
  const found = valueOf(tree, look);
  return typeof found === "boolean" ? found : null;
}

function valueOf(tree: Tree, look: Look): Inner {
  const [what, ...parts] = tree;
  const means = MEANS[what];
  // A word of a newer server: what it says is not known here.
  return means ? means(parts, look) : null;
}

type Means = (parts: readonly unknown[], look: Look) => Inner;

const MEANS: Record<string, Means> = {
  is: ([value]) => value as Inner,
  fact: ([level, name], look) => look(level as string, name as string),
  and: (parts, look) => kleene(parts, look, false),
  or: (parts, look) => kleene(parts, look, true),
  not: known(1, (a) => !a),
  at_least: ([k, ...parts], look) => atLeast(k as number, parts, look),
  "=": known(2, (a, b) => a === b),
  "!=": known(2, (a, b) => a !== b),
  "<": known(2, (a, b) => a! < b!),
  "<=": known(2, (a, b) => a! <= b!),
  ">": known(2, (a, b) => a! > b!),
  ">=": known(2, (a, b) => a! >= b!),
  in: known(1, (a, _b, values) => (values as Inner[]).includes(a)),
  has: known(1, (a, _b, key) => (a as readonly string[]).includes(key as string)),
  "+": known(2, (a, b) => Number(a) + Number(b)),
  "-": known(2, (a, b) => Number(a) - Number(b)),
  "*": known(2, (a, b) => Number(a) * Number(b)),
  "/": known(2, (a, b) => (b === 0 ? null : Number(a) / Number(b))),
  whole: known(1, (a, _b, by) => Math.floor(Number(a) / (by as number))),
  round: ([mode, step, part], look) => rounded(mode as string, step as number, valueOf(part as Tree, look)),
  most: known(2, (a, b) => (a! <= b! ? a : b)),
  least: known(2, (a, b) => (a! >= b! ? a : b)),
  case: ([arms, otherwise], look) => chosen(arms as [Tree, Tree][], otherwise as Tree, look),
  if_unknown: ([a, b], look) => valueOf(a as Tree, look) ?? valueOf(b as Tree, look),
  unknown: ([a], look) => valueOf(a as Tree, look) === null,
};

/** Of so many trees, all must be known; a plain part may follow. */
function known(trees: 1 | 2, of: (a: Inner, b: Inner, plain: unknown) => Inner): Means {
  return (parts, look) => {
    const values = parts.slice(0, trees).map((part) => valueOf(part as Tree, look));
    return values.includes(null) ? null : of(values[0]!, values[1] ?? null, parts[trees]);
  };
}

/** One part that is `decides` decides; else unknown if one is unknown. */
function kleene(parts: readonly unknown[], look: Look, decides: boolean): boolean | null {
  const values = parts.map((part) => valueOf(part as Tree, look));
  if (values.includes(decides)) return decides;
  return values.includes(null) ? null : !decides;
}

function atLeast(k: number, parts: readonly unknown[], look: Look): boolean | null {
  const values = parts.map((part) => valueOf(part as Tree, look));
  if (values.filter((each) => each === true).length >= k) return true;
  return values.filter((each) => each !== false).length < k ? false : null;
}

function rounded(mode: string, step: number, value: Inner): Inner {
  if (value === null) return null;
  const scaled = step === 1 ? Number(value) : Number(value) / step;
  const whole = { half_up: Math.floor(scaled + 0.5), down: Math.floor(scaled), up: Math.ceil(scaled) }[mode];
  return whole === undefined ? null : whole * step;
}

function chosen(arms: readonly [Tree, Tree][], otherwise: Tree, look: Look): Inner {
  for (const [condition, value] of arms) {
    const answer = valueOf(condition, look);
    if (answer === null) return null;
    if (answer === true) return valueOf(value, look);
  }
  return valueOf(otherwise, look);
}

// --- values as the book writes them ---------------------------------------------------------------

/** What must be known of a fact to read its values; low, high in the unit people write. */
export interface Read {
  kind: string;
  low?: number | string | null;
  high?: number | string | null;
  codes: readonly { key: string }[];
}

/** A value as the book writes it, in the form of the tree; null where it is none of this fact. */
export function inner(fact: Read, value: unknown): Inner {
  switch (fact.kind) {
    case "yes_no":
      return typeof value === "boolean" ? value : null;
    case "whole":
    case "money":
    case "number":
      return typeof value === "number" && within(fact, value) ? number(fact.kind, value) : null;
    case "date":
    case "month":
      return typeof value === "string" && within(fact, value) ? dayNumber(value) : null;
    case "code":
      return fact.codes.some((code) => code.key === value) ? (value as string) : null;
    case "codes":
      return several(fact, value);
    default:
      return typeof value === "string" ? value.trim() || null : null;
  }
}

function within(fact: Read, value: number | string): boolean {
  const { low = null, high = null } = fact;
  return (low === null || value >= low) && (high === null || value <= high);
}

function number(kind: string, value: number): number | null {
  const fen = Math.round(value * 1e6) / 1e4;
  if (kind === "money") return Number.isInteger(fen) ? fen : null;
  return kind === "whole" && !Number.isInteger(value) ? null : value;
}

/** (year × 12 + month − 1) × 31 + day − 1; a month without its last step. */
function dayNumber(text: string): number | null {
  const parts = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(text);
  if (!parts) return null;
  const months = Number(parts[1]) * 12 + Number(parts[2]) - 1;
  return parts[3] === undefined ? months : months * 31 + Number(parts[3]) - 1;
}

function several(fact: Read, value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const keys = new Set(fact.codes.map((code) => code.key));
  return value.every((key) => keys.has(key as string)) ? (value as string[]) : null;
}
