/**
 * The rest of a visit that another window has written: what is here and not there. Pure.
 *
 * It is written as an addition to that visit – no second visit –, with an id of its own.
 */

import { momentOf } from "./days";
import { factsOf, keyOf, type Answers, type Value } from "./questions";
import type { Item } from "./queue";
import type { New } from "./phone";
import {
  commonOf, helpSays, HOW_IN_WORDS, sideOf, signatures, withAttachments, type About, type Draft, type Signature,
} from "./visit";
import type { Family } from "./families";

type Written = Pick<Item, "id" | "kind" | "says" | "household" | "written_at">;

/** All that was written with an entry, at the same moment about the same household. */
export function writtenWith<T extends Written>(first: Written, queue: readonly T[]): T[] {
  return queue.filter((each) => each.household === first.household && each.written_at === first.written_at);
}

/** What stands in `draft` and in none of the entries written of it, as a draft with the id given. */
export function restOf(draft: Draft, written: readonly Written[], id: string): Draft {
  const first = written.find((each) => each.id === draft.id);
  const names = (first?.says.with as string[] | undefined) ?? [];
  const files = new Set(written.map((each) => each.says.sha256));
  const helped = written.filter((each) => each.kind === "help").map((each) => JSON.stringify(each.says));
  const there = answersIn(written);
  return {
    ...draft, id, spot: null, adds_to: draft.adds_to ?? (first ? { visit: first.id, written_at: first.written_at } : null),
    answers: Object.fromEntries(Object.entries(draft.answers).filter(([key, value]) => !isSame(there[key], value))),
    words: restOfWords(draft.words.trim(), String(first?.says.words ?? "")),
    with: draft.with.filter((each) => !names.includes(each)),
    help: draft.help.filter((each) => !helped.includes(JSON.stringify(helpSays(each)))),
    shots: draft.shots.filter((each) => !files.has(each.sha256)),
    voices: draft.voices.filter((each) => !files.has(each.sha256)),
    household_signature: unlessWritten(sideOf(draft.household_signature), draft.household_signature, written),
    helper_signature: unlessWritten("帮扶人", draft.helper_signature, written),
  };
}

/** The answers of entries, by key. */
export function answersIn(written: readonly Pick<Item, "says">[]): Answers {
  const found: Answers = {};
  for (const { says } of written) {
    const members = (says.members ?? {}) as Record<string, Record<string, Value>>;
    for (const [whose, facts] of [["household", says.household ?? {}] as const, ...Object.entries(members)]) {
      for (const [fact, value] of Object.entries(facts)) found[keyOf({ person: whose, fact })] = value as Value;
    }
  }
  return found;
}

function isSame(a: Value | undefined, b: Value): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function restOfWords(here: string, there: string): string {
  if (there.includes(here)) return "";
  return there && here.startsWith(there) ? here.slice(there.length).replace(/^[\s，。；、,.;]+/, "") : here;
}

function unlessWritten(of: string, signature: Signature | null, written: readonly Written[]): Signature | null {
  const same = written.some(({ kind, says }) =>
    kind === "signature" && says.of === of &&
    (signature?.sha256 ? isSame(says.evidence as Value, [signature.sha256]) : says.words === wordsOf(signature)));
  return same ? null : signature;
}

function wordsOf(signature: Signature | null): string {
  return signature ? [HOW_IN_WORDS[signature.how], signature.who].filter(Boolean).join("：") : "";
}

/** Sums of the photos, recordings and signatures of a draft. */
export function filesOf(draft: Draft): string[] {
  const signed = signatures(draft).map(([, each]) => each.sha256);
  return [...draft.shots.map((each) => each.sha256), ...draft.voices.map((each) => each.sha256), ...signed].filter(Boolean);
}

/** The entries of an addition: its facts and words, then what is attached, all of the visit it adds to. */
export function additionOf(
  draft: Draft,
  family: Pick<Family, "id" | "number">,
  answers: Answers,
  about: About,
): { entries: New[]; photos: Record<string, string> } {
  const to = draft.adds_to!;
  const there = draft.with.length ? `在场：${draft.with.join("、")}` : "";
  const said = [draft.words.trim(), there].filter(Boolean).join("；");
  // The words stay in the book as they are: the moment is put right here as the desk does with entries.
  const began = momentOf(Date.parse(to.written_at) + (about.skew ?? 0)).slice(0, 16).replace("T", " ");
  const words = `补充 ${began} 写下的走访${said ? `：${said}` : ""}`;
  const first: New = {
    ...commonOf(family, about)("facts", draft.id), says: { words, ...factsOf(answers) },
  };
  return withAttachments([first], draft, to.visit, commonOf(family, about));
}
