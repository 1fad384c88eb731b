/** Questions from the rulebook's facts: which are asked, and what an answer may be. Pure. */

import { holds, inner, type Tree } from "./conditions";
import { plainNumber, wrongForm, wrongNumber } from "./identity";
import type { Text } from "./words";

export type Value = boolean | number | string | string[] | null;
export type Kind =
  "yes_no" | "whole" | "money" | "number" | "date" | "month" | "code" | "codes" | "text" | "identity";

export interface Code {
  key: string;
  label: Text;
}

/** One fact of the rulebook as the phone carries it. low, high: in the unit people write; days as 2020-10-17. */
export interface Fact {
  level: "household" | "person";
  name: string;
  kind: Kind;
  label: Text;
  ask: Text | null;
  unit: Text | null;
  low: number | string | null;
  high: number | string | null;
  /** The figure “there is none” stands for, where the rulebook says one; a server of before does not. */
  none?: number | null;
  codes: Code[];
  /** Forms one of which a text must have on a day, as the small patterns of docs/language.md. */
  forms?: { label: Text; pattern: string; from: string | null; until: string | null }[];
  /** Where it is put: what only an office decides or keeps is no question for a family. */
  asked_at?: "door" | "office";
  /** When it is asked; without one it is asked of everybody. */
  asked_if?: Tree;
}

/** A question of a visit: a fact of the household (no person) or of one of its people. */
export interface Question {
  level: "household" | "person";
  fact: string;
  person?: string;
  /** How many unknown rules its answer may settle; 0 for what is known and only confirmed. */
  settles: number;
}

export type Answers = Record<string, Value>;
export type Reading = { value: Value } | { wrong: Text };

const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const YEARS = [1900, 2100] as const;

/** The key of an answer: the person, or "household", and the fact. */
export function keyOf(question: Pick<Question, "person" | "fact">): string {
  return `${question.person ?? "household"}/${question.fact}`;
}

/**
 * What was typed as the value of a fact; "" takes the answer back.
 *
 * today          forms of texts are those of a day
 * otherDocument  the person has a passport, another document or none: any number may be right
 */
export function reading(fact: Fact, typed: string, today = "", otherDocument = false): Reading {
  const plain = typed.normalize("NFKC").trim();
  if (plain === "") return { value: null };
  switch (fact.kind) {
    case "whole":
    case "money":
    case "number":
      return number(fact, plain.replace(/[, ]/g, ""));
    case "date":
      return day(fact, plain, /^(\d{4})-(\d{2})-(\d{2})$/);
    case "month":
      return day(fact, plain, /^(\d{4})-(\d{2})$/);
    case "identity":
      return judged(plainNumber(plain), otherDocument ? null : wrongNumber(plainNumber(plain)));
    default:
      return judged(plain, wrongForm(fact, plain, today));
  }
}

function judged(value: string, wrong: Text | null): Reading {
  return wrong ? { wrong } : { value };
}

function number(fact: Fact, figures: string): Reading {
  if (!NUMBER.test(figures)) {
    return wrong(`“${figures}”不是数字，请填数字。`, `“${figures}” is no number; write figures.`);
  }
  const value = Number(figures);
  if (fact.kind === "whole" && !Number.isInteger(value)) {
    return wrong(`${figures} 不是整数，请填整数。`, `${figures} is not whole; write a whole number.`);
  }
  if (fact.kind === "money" && !Number.isInteger(Math.round(value * 1e6) / 1e4)) {
    return wrong("金额最多到分（两位小数）。", "An amount goes down to the fen: two decimals.");
  }
  return inRange(fact, value);
}

function inRange(fact: Fact, value: number | string): Reading {
  const { low, high } = fact;
  if ((low === null || value >= low) && (high === null || value <= high)) return { value };
  const range = rangeOf(fact)!;
  return wrong(
    `${value} 不在${range.zh}的范围内，请再看一眼。`,
    `${value} is outside the range: ${range.en}. Look again.`,
  );
}

/** The values a fact may have, in words; null where any will do. */
export function rangeOf({ low, high }: Pick<Fact, "low" | "high">): Text | null {
  if (low !== null && high !== null) return { zh: ` ${low} 到 ${high} `, en: `${low} to ${high}` };
  if (low !== null) return { zh: `不小于 ${low} `, en: `${low} or more` };
  return high === null ? null : { zh: `不大于 ${high} `, en: `${high} or less` };
}

function day(fact: Fact, plain: string, shape: RegExp): Reading {
  const parts = shape.exec(plain);
  const [year, month, date] = parts ? parts.slice(1).map(Number) : [];
  const real = year && month && isDay(year, month, date ?? 1);
  if (real && year >= YEARS[0] && year <= YEARS[1]) return inRange(fact, plain);
  return wrong(`“${plain}”不是日期。`, `“${plain}” is no day of the calendar.`);
}

function isDay(year: number, month: number, date: number): boolean {
  const made = new Date(Date.UTC(year, month - 1, date));
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === date;
}

function wrong(zh: string, en: string): Reading {
  return { wrong: { zh, en } };
}

/**
 * The questions that are asked now, in the order of the plan.
 *
 * known     facts the phone has, by key; an answer of this visit goes before them
 * A question whose condition does not hold, or is not known yet, is left out: the answer it waits
 * for is asked before it.
 */
export function asked(
  plan: readonly Question[],
  facts: ReadonlyMap<string, Fact>,
  known: Answers,
  answers: Answers,
): Question[] {
  const now = { ...known, ...answers };
  return plan.filter((question) => {
    const fact = facts.get(`${question.level}.${question.fact}`);
    return fact !== undefined && isAsked(fact, question, facts, now);
  });
}

/**
 * The questions asked now by whom they are put to: open at the door, to be confirmed there, and those
 * for an office, known or not.
 */
export function byWhom(
  planned: readonly Question[],
  facts: ReadonlyMap<string, Fact>,
  known: Answers,
): { open: Question[]; confirm: Question[]; office: Question[] } {
  const isOffice = (each: Question) => facts.get(`${each.level}.${each.fact}`)?.asked_at === "office";
  const isKnown = (each: Question) => (known[keyOf(each)] ?? null) !== null;
  const door = planned.filter((each) => !isOffice(each));
  return {
    open: door.filter((each) => !isKnown(each)), confirm: door.filter(isKnown), office: planned.filter(isOffice),
  };
}

/** How many questions the family is asked now: what Today says of it, and the visit as it begins. */
export function toAsk(plan: readonly Question[], facts: ReadonlyMap<string, Fact>, known: Answers): number {
  return byWhom(asked(plan, facts, known, {}), facts, known).open.length;
}

/**
 * Questions that arise from answers of this visit: not asked by what was known before, asked now,
 * and not known. Whoever is found to be disabled is asked of what kind at once, not next time.
 *
 * people   of the family
 * planned  what is asked anyway
 */
export function arising(
  facts: ReadonlyMap<string, Fact>,
  people: readonly string[],
  known: Answers,
  answers: Answers,
  planned: readonly Question[],
): Question[] {
  if (Object.keys(answers).length === 0) return [];
  const now = { ...known, ...answers };
  const keys = new Set(planned.map(keyOf));
  return [...facts.values()]
    .filter((fact) => fact.asked_if)
    .flatMap((fact) => questionsOf(fact, people))
    .filter((question) => {
      const fact = facts.get(`${question.level}.${question.fact}`)!;
      const isNew = !keys.has(keyOf(question)) && (known[keyOf(question)] ?? null) === null;
      return isNew && isAsked(fact, question, facts, now) && !isAsked(fact, question, facts, known);
    });
}

function questionsOf({ level, name }: Fact, people: readonly string[]): Question[] {
  if (level === "household") return [{ level, fact: name, settles: 0 }];
  return people.map((person) => ({ level, fact: name, person, settles: 0 }));
}

function isAsked(
  fact: Fact,
  question: Pick<Question, "person">,
  facts: ReadonlyMap<string, Fact>,
  now: Answers,
): boolean {
  if (!fact.asked_if) return true;
  const look = (level: string, name: string) => {
    const other = facts.get(`${level}.${name}`);
    const person = level === "person" ? question.person : undefined;
    return other ? inner(other, now[keyOf({ person, fact: name })]) : null;
  };
  return holds(fact.asked_if, look) === true;
}

/** Answers of questions that are no longer asked are not written: their condition has gone. */
export function stillAsked(answers: Answers, questions: readonly Question[]): Answers {
  const keys = new Set(questions.map(keyOf));
  return Object.fromEntries(Object.entries(answers).filter(([key]) => keys.has(key)));
}

/** The facts of an entry: {"household": {…}, "members": {person: {…}}}, without empty parts. */
export function factsOf(answers: Answers): {
  household?: Record<string, Value>;
  members?: Record<string, Record<string, Value>>;
} {
  const household: Record<string, Value> = {};
  const members: Record<string, Record<string, Value>> = {};
  for (const [key, value] of Object.entries(answers)) {
    const [whose = "", fact = ""] = key.split("/");
    if (whose === "household") household[fact] = value;
    else (members[whose] ??= {})[fact] = value;
  }
  return {
    ...(Object.keys(household).length ? { household } : {}),
    ...(Object.keys(members).length ? { members } : {}),
  };
}
