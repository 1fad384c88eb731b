/**
 * The rescue file: what is unsent, as it lies on the phone – sealed – with the lock that opens it.
 *
 * It goes to the office by cable or card when the phone itself can no longer send. It opens on any
 * phone with the PIN it was made under; without the PIN it is noise.
 */

import { keepDraft, open, ownOf, store, write, type New } from "./phone";
import type { From, Names } from "./queue";
import { opened, openedBytes, sealBytes, sha256, unlock, type Bytes, type Lock, type Sealed } from "./sealing";
import type { Draft } from "./visit";

interface Rescue {
  yihu: "rescue";
  version: 1;
  lock: Packed<Lock>;
  /** This phone for the server, sealed: who takes the file in hands in what was written on it. */
  device?: Packed<Sealed>;
  entries: Packed<Sealed>[];
  /** Whom each of them is about, in their order; files of older versions have none. */
  names?: (Packed<Sealed> | null)[];
  /** Visits begun and not written; files of older versions have none. */
  drafts?: ({ id: string } & Packed<Sealed>)[];
  photos: ({ sha256: string; entry: string; type: string; size: number } & Packed<Sealed>)[];
}
type Packed<T> = { [K in keyof T]: T[K] extends Bytes ? string : T[K] };

/** Hand the file over to the phone's downloads. */
export async function rescueFile(): Promise<void> {
  const made = await rescue();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(made)], { type: "application/json" }));
  link.download = `yihu-rescue-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  // Safari begins to read after the click has returned: what is let go at once is saved as nothing.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export async function rescue(): Promise<Rescue> {
  const lock = await store.locks.get("lock");
  if (!lock) throw new Error("there is no lock on this phone");
  const rows = await store.entries.where("state").equals("waiting").toArray();
  const photos = await store.photos.toArray();
  const device = await store.own.get("device");
  return {
    yihu: "rescue", version: 1, lock: packed(lock.lock),
    ...(device ? { device: packed(device.sealed) } : {}),
    entries: rows.map((row) => packed(row.sealed)),
    names: rows.map((row) => (row.names ? packed(row.names) : null)),
    drafts: (await store.drafts.toArray()).map(({ id, sealed }) => ({ id, ...packed(sealed) })),
    photos: photos.map(({ sha256, entry, type, size, sealed }) => ({ sha256, entry, type, size, ...packed(sealed) })),
  };
}

/** How much came out of a rescue file, and how many of its parts are damaged and did not. */
export interface Came {
  entries: number;
  drafts: number;
  damaged: number;
}

/**
 * Take a rescue file into the queue of this phone, and what was begun as visits begun; null when the
 * PIN is another. What is here already is not taken twice: all keep their ids, but for a visit begun
 * on another phone. A damaged part stays out by itself: whoever needs this file has nothing else.
 */
export async function takeIn(text: string, pin: string): Promise<Came | null> {
  const file = JSON.parse(text) as Rescue;
  if (file.yihu !== "rescue") throw new Error("this is no rescue file");
  const key = await unlock(unpacked<Lock>(file.lock), pin);
  if (!key) return null;
  let damaged = 0;
  const whole = <T>(part: Promise<T>) => part.catch(() => void (damaged += 1));
  const all = await Promise.all(file.entries.map((each, n) => whole(withNames(key, each, file.names?.[n]))));
  const begun = await Promise.all((file.drafts ?? []).map((each) => whole(unsealed<Draft>(key, each))));
  const here = new Set((await store.entries.toArray()).map((row) => row.id));
  const from = file.device && (await unsealed<Partial<From>>(key, file.device));
  const own = (await ownOf<From>("device"))?.id;
  // Whoever takes the file in did not write what is in it.
  const theirs = from?.id && from.key && from.id !== own ? { id: from.id, key: from.key } : undefined;
  const fresh = all
    .filter((each) => each !== undefined)
    .filter((each) => !here.has(each.id))
    .map((each) => (each.from || !theirs ? each : { ...each, from: theirs }));
  await write(fresh);
  const ids = new Map<string, string>();
  let drafts = 0;
  for (const [n, draft] of begun.entries()) {
    if (!draft) continue;
    // The other phone may work again and write the same visit: the two were refused one of them.
    const id = theirs ? await idOf(draft.id, `${theirs.id} ${own}`) : draft.id;
    ids.set(draft.id, id);
    drafts += Number(await takeDraft(file.drafts![n]!.id, { ...draft, id }));
  }
  for (const photo of file.photos) {
    const bytes = await whole(unsealedBytes(key, photo));
    if (!bytes || (await store.photos.get(photo.sha256))) continue;
    const { sha256: sum, entry, type, size } = photo;
    const sealed = await sealBytes(open(), bytes);
    await store.photos.put({ sha256: sum, entry: ids.get(entry) ?? entry, type, size, offset: 0, sealed });
  }
  return { entries: fresh.length, drafts, damaged };
}

async function unsealed<T>(key: CryptoKey, part: Packed<Sealed>): Promise<T> {
  return opened<T>(key, unpacked<Sealed>(part));
}

async function unsealedBytes(key: CryptoKey, part: Packed<Sealed>): Promise<Bytes> {
  return openedBytes(key, unpacked<Sealed>(part));
}

/** An entry of the file: the family it is about need not be on this phone. */
async function withNames(key: CryptoKey, entry: Packed<Sealed>, names?: Packed<Sealed> | null): Promise<New> {
  const body = await unsealed<New>(key, entry);
  const called = names && (await unsealed<Names>(key, names).catch(() => null));
  return called ? { ...body, names: called } : body;
}

/** Whether it came. A visit begun is whoever's who takes it in: nobody has written it yet. */
async function takeDraft(row: string, draft: Draft): Promise<boolean> {
  const written = await store.entries.where("id").equals(draft.id).count();
  if (written || (await store.drafts.get(row))) return false;
  await keepDraft(row, draft);
  return true;
}

/** The id of a visit begun on the phone it comes to, the same each time; the moment in it stays. */
async function idOf(id: string, phones: string): Promise<string> {
  const sum = await sha256(new TextEncoder().encode(`${id} ${phones}`));
  return `${id.slice(0, 15)}${sum.slice(0, 3)}-8${sum.slice(3, 6)}-${sum.slice(6, 18)}`;
}

const BYTES = ["salt", "iv", "wrapped", "data"];

function packed<T extends object>(plain: T): Packed<T> {
  return Object.fromEntries(
    Object.entries(plain).map(([name, value]) => [name, value instanceof Uint8Array ? toText(value) : value]),
  ) as Packed<T>;
}

function unpacked<T>(of: object): T {
  return Object.fromEntries(
    Object.entries(of).map(([name, value]) => [name, BYTES.includes(name) ? fromText(String(value)) : value]),
  ) as T;
}

function toText(bytes: Uint8Array): string {
  let text = "";
  // In parts: a call with a hundred thousand arguments is refused.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function fromText(text: string): Bytes {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}
