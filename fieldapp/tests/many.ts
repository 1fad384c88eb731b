/**
 * A week of visits by the app's own functions: sealed, photos made small and kept, queued.
 *
 * Bundled by tests/field and run in the open page beside the app, as a second tab of it would be:
 * it enters the PIN itself and writes to the same store.
 */

import { carried, dayHere, enter, families, keepPhoto, own, start, store, write } from "../src/phone";
import { shrunk } from "../src/photos";
import type { Question } from "../src/questions";
import { entriesOf, newDraft } from "../src/visit";

const POWER: Question = { level: "household", fact: "power", settles: 1 };

/** Ids of the entries written, and sums of their photos. */
export async function week(pin: string, visits: number): Promise<{ entries: string[]; photos: string[] }> {
  await start();
  if (!(await enter(pin))) throw new Error("the PIN is another");
  const found = { entries: [] as string[], photos: [] as string[] };
  for (let n = 0; n < visits; n++) {
    const family = families.value[n % families.value.length]!;
    const draft = { ...newDraft(family.id, Date.now()), words: `第 ${n + 1} 次走访`, answers: { "household/power": n % 3 > 0 } };
    const bytes = await shrunk(await picture(n));
    const sha256 = await keepPhoto(bytes, "image/jpeg", draft.id);
    const shots = [{ sha256, size: bytes.length, type: "image/jpeg", of: "house" as const }];
    const about = { app: "1", rulebook: own.value.rulebook, now: Date.now(), today: dayHere(), carried: await carried() };
    const made = entriesOf({ ...draft, shots }, family, [POWER], about);
    await write(made.entries, "", made.photos, about.carried);
    found.entries.push(...made.entries.map((each) => each.id));
    found.photos.push(sha256);
  }
  return found;
}

/** Everything that lies in the queue: state → how many; photos that are still here. */
export async function lies(): Promise<Record<string, number>> {
  const found: Record<string, number> = { photos: await store.photos.count() };
  for (const row of await store.entries.toArray()) found[row.state] = (found[row.state] ?? 0) + 1;
  return found;
}

/** A small picture that no other is. */
async function picture(n: number): Promise<Blob> {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 120 });
  const pen = canvas.getContext("2d")!;
  for (let x = 0; x < 16; x++) {
    pen.fillStyle = `#${((n * 7919 + x * 104729) % 0xffffff).toString(16).padStart(6, "0")}`;
    pen.fillRect(x * 10, 0, 10, 120);
  }
  return new Promise((done) => canvas.toBlob((blob) => done(blob!), "image/jpeg", 0.9));
}
