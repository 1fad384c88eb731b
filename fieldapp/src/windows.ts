/**
 * A visit that is open in several windows: each keeps a draft of its own, so that none writes over
 * what another holds. What a window left that is gone is taken up by the next that opens the family.
 */

import { newId } from "./ids";
import { draftsOf, store } from "./phone";
import { filesOf } from "./rest";
import type { Draft } from "./visit";

const NAMED = "yihu-visit ";

/** The row this window keeps its draft under while it has the visit open; close() when it leaves. */
export function openVisit(household: string): { row: string; close: () => void } {
  const row = `visit ${household} ${newId()}`;
  let close: () => void = () => undefined;
  const closed = new Promise<void>((done) => (close = done));
  void navigator.locks.request(NAMED + row, () => closed);
  return { row, close };
}

/**
 * Drafts of the household to go on with, the best first: those of windows that are gone – which
 * belong to this one from now on –, then those of windows that have the visit open too.
 */
export async function draftsLeft(household: string, mine: string): Promise<{ row: string; draft: Draft; gone: boolean }[]> {
  const { held = [] } = await navigator.locks.query();
  const open = new Set(held.map((each) => each.name));
  const found = await draftsOf<Draft>(`visit ${household}`);
  return found
    .filter(({ id }) => id !== mine)
    .map(({ id, draft }) => ({ row: id, draft, gone: !open.has(NAMED + id) }))
    .sort((a, b) => Number(b.gone) - Number(a.gone) || (a.row < b.row ? 1 : -1));
}

/**
 * Files that a draft names no more go from the phone. One that another visit begun names too, of
 * this family or of any, becomes that one's.
 *
 * row    under which the draft is kept
 * sums   which of them; all when it is not said
 */
export async function dropFiles(draft: string, row: string, sums?: readonly string[]): Promise<void> {
  const others = (await draftsOf<Draft>("visit ")).filter(({ id }) => id !== row);
  const its = (await store.photos.where("entry").equals(draft).primaryKeys()).filter((sum) => !sums || sums.includes(sum));
  for (const sum of its) {
    const other = others.find((each) => filesOf(each.draft).includes(sum));
    if (other) await store.photos.update(sum, { entry: other.draft.id });
    else await store.photos.delete(sum);
  }
}
