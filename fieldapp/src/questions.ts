/** Questions from the rulebook's facts: which are asked, and what an answer may be. Pure. */

import type { Text } from "./words";

export type Value = boolean | number | string | string[] | null;
export type Kind =
  "yes_no" | "whole" | "money" | "number" | "date" | "month" | "code" | "codes" | "text" | "identity";

export interface Code {
  key: string;
  label: Text;
}

/** One fact of the rulebook as the phone carries it. low, high: in the unit people write. */
export interface Fact {
  level: "household" | "person";
  name: string;
  kind: Kind;
  label: Text;
  ask: Text | null;
  unit: Text | null;
  low: number | null;
  high: number | null;
  codes: Code[];
  /** Asked only while each of these facts of the same thing has one of the values. */
  only_if?: Condition[];
}

export interface Condition {
  fact: string;
  among: Value[];
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

/** What was typed as the value of a fact; "" takes the answer back. */
export function reading(fact: Fact, typed: string): Reading {
  const plain = typed.normalize("NFKC").trim();
  if (plain === "") return { value: null };
  switch (fact.kind) {
    case "whole":
    case "money":
    case "number":
      return number(fact, plain.replace(/[, ]/g, ""));
    case "date":
      return day(plain, /^(\d{4})-(\d{2})-(\d{2})$/);
    case "month":
      return day(plain, /^(\d{4})-(\d{2})$/);
    default:
      return { value: plain };
  }
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

function inRange(fact: Fact, value: number): Reading {
  const { low, high } = fact;
  if ((low === null || value >= low) && (high === null || value <= high)) return { value };
  const from = low ?? "";
  const to = high ?? "";
  return wrong(
    `${value} 不在 ${from} 到 ${to} 之间，请再看一眼。`,
    `${value} is not between ${from} and ${to}; look again.`,
  );
}

function day(plain: string, shape: RegExp): Reading {
  const parts = shape.exec(plain);
  const [year, month, date] = parts ? parts.slice(1).map(Number) : [];
  const real = year && month && isDay(year, month, date ?? 1);
  if (real && year >= YEARS[0] && year <= YEARS[1]) return { value: plain };
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
    return fact !== undefined && (fact.only_if ?? []).every((each) => holds(each, question, now));
  });
}

function holds(condition: Condition, question: Question, now: Answers): boolean {
  const value = now[keyOf({ person: question.person, fact: condition.fact })];
  return value !== undefined && value !== null && condition.among.includes(value);
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
