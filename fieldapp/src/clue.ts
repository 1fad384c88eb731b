/** A household that is not on the list, as an entry: the server makes a clue of it. Pure. */

import { momentOf } from "./days";
import { plainNumber, wrongForm, wrongNumber } from "./identity";
import type { Fact } from "./questions";
import type { Text } from "./words";
import type { New } from "./phone";
import type { About } from "./visit";

export interface Clue {
  head: string;
  phone: string;
  place: string;
  people: string;
  troubles: string[];
  words: string;
  told_by: string;
  /** Of a document, where the family has one at hand. */
  identity: string;
  /** What cannot be right and is kept as it was told: the family has no document, or only this number. */
  as_told: Told[];
}
/** What of a clue is judged as everywhere else. */
export type Told = "phone" | "identity";

/**
 * What cannot be right of a clue, by field.
 *
 * phone   the rulebook's fact of a household's telephone, with its forms
 * What the helper keeps as told is not wrong; how many people has no such way: it is a number.
 */
export function wrongOf(clue: Clue, phone: Fact | undefined, today: string): Partial<Record<Told | "people", Text>> {
  const found: Partial<Record<Told | "people", Text>> = {};
  const [said, number] = [clue.phone.normalize("NFKC").trim(), plainNumber(clue.identity)];
  const wrong = said ? wrongForm(phone, said, today) : null;
  if (wrong && !clue.as_told.includes("phone")) found.phone = wrong;
  const impossible = number ? wrongNumber(number) : null;
  if (impossible && !clue.as_told.includes("identity")) found.identity = impossible;
  const people = clue.people.normalize("NFKC").trim();
  if (people && !/^[1-9]\d?$/.test(people)) found.people = { zh: "请填 1 到 99 的数字。", en: "Write a number from 1 to 99." };
  return found;
}

export function clueOf(clue: Clue, id: string, about: About, phone?: Fact): New {
  const told = Object.keys(wrongOf({ ...clue, as_told: [] }, phone, about.today)).filter((each) => each !== "people");
  const people = Number.parseInt(clue.people.normalize("NFKC"), 10);
  const words = [...clue.troubles, clue.words.trim()].filter(Boolean).join("；");
  return {
    id, kind: "clue", household: id, based_on: 0, seen_on: about.today,
    written_at: momentOf(about.now), app: about.app, rulebook: about.rulebook,
    says: {
      head: clue.head.trim(), where: clue.place.trim(), words, told_by: clue.told_by,
      ...(clue.phone.trim() ? { phone: clue.phone.normalize("NFKC").trim() } : {}),
      ...(clue.identity.trim() ? { identity: plainNumber(clue.identity) } : {}),
      ...(told.length ? { as_told: told } : {}),
      ...(Number.isFinite(people) ? { people } : {}),
    },
  };
}
