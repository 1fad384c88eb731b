/**
 * The income account while it is filled in: what stands in it so far, by section, in all and per
 * person. What is added to what, the server says by the rulebook. Pure.
 */

import type { Known } from "./families";
import type { Answers, Fact, Value } from "./questions";
import type { Text } from "./words";

/** Facts that are added up; takes: the sum is taken off. agrees: a fact that should say the same. */
export interface Section {
  label: Text;
  facts: string[];
  takes: boolean;
  agrees: string | null;
}
export interface Account {
  net: Text;
  per_person: Text;
  sections: Section[];
}

/** Yuan of the lines that are filled in, and how many of how many those are. */
export interface Sum {
  yuan: number;
  filled: number;
  of: number;
}

/** What is known of the household's facts, and what this visit answered of them. */
export interface Told {
  known: Readonly<Record<string, Known>>;
  answers: Answers;
  /** The year of the account: what was seen in another one is not of it. */
  year: string;
}

/** The figure of a line that counts in this year's account; null where there is none. */
export function figureOf(fact: string, { known, answers, year }: Told): number | null {
  const before = known[fact]?.seen_on.startsWith(year) ? known[fact].value : null;
  const value: Value | undefined = answers[`household/${fact}`] ?? before;
  return typeof value === "number" ? value : null;
}

export function sumOf({ facts }: Pick<Section, "facts">, told: Told): Sum {
  const figures = facts.map((fact) => figureOf(fact, told)).filter((each) => each !== null);
  // In whole fen: sums of decimals end in 0.30000000000000004.
  const fen = figures.reduce((sum, each) => sum + Math.round(each * 100), 0);
  return { yuan: fen / 100, filled: figures.length, of: facts.length };
}

/** What is left when costs are taken off. */
export function netOf({ sections }: Pick<Account, "sections">, told: Told): Sum {
  return sections.map((each) => ({ ...sumOf(each, told), takes: each.takes })).reduce(
    (net, { yuan, filled, of, takes }) => ({
      yuan: Math.round((net.yuan + (takes ? -yuan : yuan)) * 100) / 100, filled: net.filled + filled, of: net.of + of,
    }),
    { yuan: 0, filled: 0, of: 0 },
  );
}

/** Down to the fen, halves upwards, as the rulebook rounds; null where nobody lives there. */
export function perPerson(yuan: number, people: number): number | null {
  return people > 0 ? Math.floor((yuan * 100) / people + 0.5) / 100 : null;
}

/** A whole section that says other than the fact it should agree with: the figure of that; else null. */
export function disagrees(section: Section, told: Told): number | null {
  const sum = sumOf(section, told);
  const other = section.agrees ? figureOf(section.agrees, told) : null;
  return sum.filled === sum.of && other !== null && other !== sum.yuan ? other : null;
}

/** Other lines about money that the rulebook knows: asked below the accounts, and in no sum. */
export function otherLines(facts: Iterable<Fact>, accounts: readonly Account[]): string[] {
  const added = new Set(accounts.flatMap((each) => each.sections.flatMap((section) => section.facts)));
  return [...facts]
    .filter((fact) => fact.level === "household" && fact.kind === "money" && /income|wage|subsid|cost/.test(fact.name))
    .map((fact) => fact.name)
    .filter((name) => !added.has(name))
    .slice(0, 40);
}
