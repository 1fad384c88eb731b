/**
 * The queue: what was written on this phone, in its order, each with what became of it. Pure.
 *
 * An entry is never edited and never dropped; only its state changes, by what the server answers.
 */

import type { Text } from "./words";

export type State = "waiting" | "taken" | "held" | "refused";

/** An entry as it stands in the queue, unsealed. */
export interface Item {
  id: string;
  /** Book of the household; for a family not on the list, an id made here. */
  household: string;
  kind: string;
  says: Record<string, unknown>;
  /** Number the copy of the household's book ended at; 0 without a copy. */
  based_on: number;
  seen_on: string;
  /** By this phone's clock, with its offset; the server knows the skew from the batch. */
  written_at: string;
  app: string;
  rulebook: string;
  state: State;
  answer?: Answer;
  /** Of an entry out of a rescue file, the phone it was written on: it goes up in that name. */
  from?: From;
  /** Whom it is about, as they were called when it was written: never sent. */
  names?: Names;
}

/** The head of a family, and the names of those of its people an entry speaks of, by id. */
export interface Names {
  head: string;
  people: Record<string, string>;
}

/** What is kept beside an entry, so that it can be read when its family has left the phone. */
export function namesFor(
  entry: Pick<Item, "household" | "says">,
  family: { head: string; people: readonly { id: string; name: string }[] } | undefined,
): Names | undefined {
  if (!family) return undefined;
  const spoken = new Set([...Object.keys((entry.says.members ?? {}) as object), entry.says.person]);
  const people = family.people.filter((each) => spoken.has(each.id));
  return { head: family.head, people: Object.fromEntries(people.map((each) => [each.id, each.name])) };
}

/** A phone for the server: the key it hands in with. */
export interface From {
  id: string;
  key: string;
}

/** What the server says of one entry. */
export interface Answer {
  id: string;
  outcome: Exclude<State, "waiting">;
  /** Receipt of a taken entry: book, number and hash, eight signs each. */
  receipt?: string;
  /** Why it was refused or is held, and what to do. */
  why?: Text;
  code?: string;
  /** Of a held entry: each fact with the value here and the newer one there. */
  differs?: Difference[];
  /** Whose and which facts were not written when it was settled. */
  left_out?: [string, string][];
}

export interface Difference {
  /** "household", or the id of a person. */
  whose: string;
  label: Text | string;
  /** The fact in the language of the request. */
  name?: string;
  ours: string;
  theirs: string;
}

/** Entries of one request: as many as the server takes at once, in the order they were written. */
export function nextBatch<T extends Pick<Item, "state">>(queue: readonly T[], most: number): T[] {
  return queue.filter((each) => each.state === "waiting").slice(0, most);
}

/**
 * The queue after the server has answered.
 *
 * An entry nobody answered for stays waiting and is sent again under its id. An answer to an entry
 * that has one already changes a held entry only: somebody has settled it.
 */
export function settled(queue: readonly Item[], answers: readonly Answer[]): Item[] {
  const byId = new Map(answers.map((each) => [each.id, each]));
  return queue.map((item) => {
    const answer = byId.get(item.id);
    const open = item.state === "waiting" || item.state === "held";
    return answer && open ? { ...item, state: answer.outcome, answer } : item;
  });
}

/** What was written at one moment about one family – a visit with its photos –, and how it stands. */
export interface Group<T = Item> {
  key: string;
  items: T[];
  /** The state of the entry that most needs somebody. */
  state: State;
}

/** What needs a person first, then what waits, then what has a receipt. */
export const MOST_URGENT: readonly State[] = ["refused", "held", "waiting", "taken"];

/** The queue by visit, in the order of writing. */
export function grouped<T extends Pick<Item, "state" | "household" | "written_at">>(queue: readonly T[]): Group<T>[] {
  const found = new Map<string, Group<T>>();
  for (const each of queue) {
    const key = `${each.household} ${each.written_at}`;
    const group = found.get(key);
    if (!group) found.set(key, { key, items: [each], state: each.state });
    else {
      group.items.push(each);
      if (MOST_URGENT.indexOf(each.state) < MOST_URGENT.indexOf(group.state)) group.state = each.state;
    }
  }
  return [...found.values()];
}

export type Counts = Record<State, number>;

export function counts(queue: readonly Pick<Item, "state">[]): Counts {
  const found: Counts = { waiting: 0, taken: 0, held: 0, refused: 0 };
  for (const each of queue) found[each.state] += 1;
  return found;
}
