/** A household that is not on the list, as an entry: the server makes a clue of it. Pure. */

import { momentOf } from "./days";
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
}

export function clueOf(clue: Clue, id: string, about: About): New {
  const people = Number.parseInt(clue.people.normalize("NFKC"), 10);
  const words = [...clue.troubles, clue.words.trim()].filter(Boolean).join("；");
  return {
    id, kind: "clue", household: id, based_on: 0, seen_on: about.today,
    written_at: momentOf(about.now), app: about.app, rulebook: about.rulebook,
    says: {
      head: clue.head.trim(), where: clue.place.trim(), words, told_by: clue.told_by,
      ...(clue.phone.trim() ? { phone: clue.phone.trim() } : {}),
      ...(Number.isFinite(people) ? { people } : {}),
    },
  };
}
