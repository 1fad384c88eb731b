/** Numbers of documents and telephones as the desk judges them: what none can be is said at once. Pure. */

import type { Fact } from "./questions";
import type { Text } from "./words";

/** Kinds of documents whose numbers follow other rules, and none. */
const OTHER_KINDS = ["passport", "officer", "other", "none"];
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_FIGURES = "10X98765432";
/** A disability card: the identity number, its kind and grade, of a renewed one two figures more. */
const CARD = /^(\d{17}[\dX])[1-7][1-4](?:[0-9A-Z]{2})?$/;

export function hasOtherDocument(kind: unknown): boolean {
  return typeof kind === "string" && OTHER_KINDS.includes(kind);
}

/** As the book spells it: figures and a large X. */
export function plainNumber(typed: string): string {
  return typed.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
}

/** May a document have this number: length, day of birth, check figure (GB 11643); 999999… stands for none. */
export function isPossible(number: string): boolean {
  const plain = CARD.exec(number)?.[1] ?? number;
  return number.startsWith("999999") || (isDayIn(plain) && (plain.length === 15 || checkFigure(plain) === plain[17]));
}

function isDayIn(number: string): boolean {
  const day = /^\d{17}[\dX]$/.test(number) ? number.slice(6, 14) : /^\d{15}$/.test(number) ? `19${number.slice(6, 12)}` : "";
  if (!day) return false;
  const [year, month, date] = [day.slice(0, 4), day.slice(4, 6), day.slice(6)].map(Number) as [number, number, number];
  const made = new Date(Date.UTC(2000, month - 1, date));
  made.setUTCFullYear(year, month - 1, date);
  return year > 0 && made.getUTCMonth() === month - 1 && made.getUTCDate() === date;
}

function checkFigure(number: string): string {
  const sum = WEIGHTS.reduce((all, weight, n) => all + weight * Number(number[n]), 0);
  return CHECK_FIGURES[sum % 11]!;
}

/** What is wrong with an identity number; null where a document may have it. */
export function wrongNumber(number: string): Text | null {
  if (isPossible(number)) return null;
  const n = number.length;
  return {
    zh: `这个号码（${n} 位）不对：身份证 18 位、末位是校验码（旧证 15 位），残疾人证 20 或 22 位。请对照证件再看一眼。`,
    en: `This number (${n} signs) cannot be right: an identity card has 18, the last a check figure (of old 15), a disability card 20 or 22. Look at the document again.`,
  };
}

/** The whole text. Not in Unicode mode, which refuses escapes of signs that need none, as the desk writes them. */
function patternOf(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/** What is wrong with a text that must have a form, such as a telephone number; null where nothing is. */
export function wrongForm(fact: Pick<Fact, "forms"> | undefined, text: string, today: string): Text | null {
  const forms = (fact?.forms ?? []).filter((each) => (each.from ?? "") <= today && today <= (each.until ?? "9999"));
  if (!forms.length || forms.some((each) => patternOf(each.pattern).test(text))) return null;
  const zh = forms.map((each) => each.label.zh).join("或");
  const en = forms.map((each) => each.label.en).join(" or ");
  return { zh: `“${text}”不对，应为${zh}。`, en: `“${text}” cannot be right; expected: ${en}.` };
}
