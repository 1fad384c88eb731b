/** What the phone knows of a family, and in which order a helper sees his families. Pure. */

import { dayInWords, daysBetween } from "./days";
import type { Answers, Question, Value } from "./questions";
import { say, t, type Text } from "./words";

export interface Known {
  value: Value;
  seen_on: string;
}
export interface Person {
  id: string;
  name: string;
  head: boolean;
  facts: Record<string, Known>;
}
export interface Gap {
  id: string;
  title: Text;
  /** The reason in plain words: what failed or is not known, and by which facts. */
  why: Text;
  until: string | null;
  since: string;
  person?: string | null;
}
/** Something the family is due by a rule, and whether it was received. */
export interface Due {
  title: Text;
  amount: number | null;
  received: boolean;
}
export interface Past {
  number: number;
  kind: string;
  seen_on: string;
  by: string;
  words: string;
  /** Of help: its kind, its amount in yuan, and to whom of the family; a server of before says none. */
  measure?: string;
  yuan?: number | null;
  person?: string | null;
}
export interface Family {
  id: string;
  code: string;
  /** Number the copy of the book ended at: what an entry is based on. */
  number: number;
  head: string;
  place: string;
  status: Text;
  phone: string;
  /** The day the next visit is due, and why. */
  due_on: string | null;
  due_why: Text | null;
  /** The day somebody planned to go there at the desk, and who; a server of before does not say. */
  planned_on?: string | null;
  planned_why?: Text | null;
  visited_on: string | null;
  people: Person[];
  facts: Record<string, Known>;
  gaps: Gap[];
  dues: Due[];
  plan: Question[];
  past: Past[];
  /** Latitude and longitude of the door, where it is known. */
  at: [number, number] | null;
}

/** The day planned, while it stands: not once it is over, and not when it was visited since. */
export function plannedOn(family: Family, today: string): string | null {
  const day = family.planned_on ?? null;
  return day !== null && day >= today && (family.visited_on ?? "") < day ? day : null;
}

/** That day and who planned it, in words; "" when none stands. */
export function plannedWords(family: Family, today: string): string {
  const day = plannedOn(family, today);
  if (day === null) return "";
  const when = day === today ? t("今天", "today") : dayInWords(day, today);
  return [t("定在{d}去", "Planned for {d}", { d: when }), say(family.planned_why)].filter(Boolean).join(t("，", ": "));
}

/**
 * Who is planned for today first, then late ones, then new gaps – of who is planned for a later day
 * they wait for it –, then by the day somebody goes: that planned, else that due; no day comes last.
 */
export function byUrgency(families: readonly Family[], today: string): Family[] {
  return [...families].sort((a, b) => compare(rank(a, today), rank(b, today)) || byName(a, b));
}

function rank(family: Family, today: string): number[] {
  const gapsLate = lateGaps(family, today);
  const due = family.due_on === null ? 100_000 : daysBetween(today, family.due_on);
  const planned = plannedOn(family, today);
  const goes = planned === null ? due : daysBetween(today, planned);
  const late = due < 0 || gapsLate > 0;
  const fresh = planned === null ? -newGaps(family, today) : 0;
  return [planned === today ? 0 : 1, late ? 0 : 1, late ? due : 0, -gapsLate, fresh, goes];
}

/** The nearest door first; families whose door is not known come last, in the order they had. */
export function byDistance(families: readonly Family[], here: [number, number]): Family[] {
  const far = (family: Family) => (family.at ? metres(here, family.at) : Infinity);
  return families.map((family) => ({ family, far: far(family) }))
    .sort((a, b) => (a.far === b.far ? 0 : a.far - b.far))
    .map((each) => each.family);
}

/** Gaps whose last day is past. */
export function lateGaps(family: Family, today: string): number {
  return family.gaps.filter((gap) => gap.until !== null && gap.until < today).length;
}

/** Gaps that opened after the last visit. */
export function newGaps(family: Family, today: string): number {
  const last = family.visited_on ?? "";
  return family.gaps.filter((gap) => gap.since > last && gap.since <= today).length;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

function byName(a: Family, b: Family): number {
  return a.head.localeCompare(b.head, "zh") || a.id.localeCompare(b.id);
}

/** All facts the phone has of a family, by key: what an answer is laid over. */
export function knownAnswers(family: Family): Answers {
  const found: Answers = {};
  for (const [fact, known] of Object.entries(family.facts)) found[`household/${fact}`] = known.value;
  for (const person of family.people) {
    for (const [fact, known] of Object.entries(person.facts)) {
      found[`${person.id}/${fact}`] = known.value;
    }
  }
  return found;
}

/** Metres between two points of the earth, near enough for a walk. */
export function metres(a: [number, number], b: [number, number]): number {
  const radian = Math.PI / 180;
  const x = (b[1] - a[1]) * radian * Math.cos(((a[0] + b[0]) / 2) * radian);
  const y = (b[0] - a[0]) * radian;
  return Math.round(Math.hypot(x, y) * 6_371_000);
}

/** The id of a household in what a card's code says: its page's address, or the id alone. */
export function householdIn(scanned: string): string | null {
  const found = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/i.exec(scanned);
  return found ? found[1]!.toLowerCase() : null;
}
