/**
 * Sending and fetching: words first, then photos, then what is new of my families.
 *
 * One tab at a time (Web Locks). Whatever breaks off – signal, session, battery – is begun again:
 * entries go under their ids, photos where the server says they ended.
 */

import { ref, shallowRef } from "vue";
import { answered, families, keepOwn, now, open, own, ownOf, stage, store, write } from "./phone";
import { nextBatch, type Item } from "./queue";
import { opened, openedBytes, seal } from "./sealing";
import { momentOf } from "./days";
import { newId } from "./ids";
import { APP } from "./about";
import { today } from "./phone";
import * as wire from "./wire";
import type { Text } from "./words";

export const online = ref(typeof navigator === "undefined" ? true : navigator.onLine);
export const syncing = ref(false);
export const signedOut = ref(false);
/** Why the last try ended, when it was neither the network nor the session. */
export const troubles = shallowRef<Text | null>(null);

/** Entries of one request. */
const BATCH = 50;

export async function sync(): Promise<void> {
  if (syncing.value || stage.value !== "open") return;
  syncing.value = true;
  try {
    await navigator.locks.request("yihu-field-sync", { ifAvailable: true }, async (mine) => {
      if (mine) await wholeSync();
    });
  } finally {
    syncing.value = false;
  }
}

async function wholeSync(): Promise<void> {
  try {
    const hello = await wire.hello();
    online.value = true;
    signedOut.value = false;
    await greeted(hello);
    await sendEntries();
    await fetchNews();
    await sendPhotos();
    troubles.value = null;
    await keepOwn("own", { ...own.value, synced_at: momentOf(now()) });
  } catch (problem) {
    ended(problem);
  }
}

function ended(problem: unknown): void {
  if (problem instanceof wire.SignedOut) signedOut.value = true;
  else if (problem instanceof wire.NoNetwork) online.value = false;
  else if (problem instanceof wire.Refused) troubles.value = problem.words;
  else throw problem;
}

/** Sign in on the desk's page and come back. */
export function signIn(): void {
  location.href = "/account/login/?next=/field/";
}

async function greeted(hello: wire.Hello): Promise<void> {
  const kept = { ...own.value, ...hello };
  await keepOwn("own", kept);
  own.value = kept;
}

async function sendEntries(): Promise<void> {
  for (;;) {
    const rows = await store.entries.where("state").equals("waiting").sortBy("seq");
    const batch = nextBatch(rows, BATCH);
    if (batch.length === 0) return;
    const items = await Promise.all(batch.map((row) => opened<Item>(open(), row.sealed)));
    const answers = await wire.push(items);
    await answered(answers);
    // A server that answers for none of them would be asked for ever.
    if (answers.length === 0) return;
  }
}

async function fetchNews(): Promise<void> {
  for (;;) {
    const token = (await ownOf<string>("token")) ?? "";
    const news = await wire.pull(token);
    const kept = { ...own.value, ...news.own };
    const sealed = await Promise.all(
      news.families.map(async (family) => ({ id: family.id, sealed: await seal(open(), family) })),
    );
    const [ownSealed, tokenSealed] = [await seal(open(), kept), await seal(open(), news.token)];
    const leaving = await mayLeave(news.removed);
    await store.transaction("rw", store.families, store.own, async () => {
      await store.families.bulkPut(sealed);
      await store.families.bulkDelete(leaving);
      await store.own.bulkPut([
        { id: "own", sealed: ownSealed },
        { id: "token", sealed: tokenSealed },
      ]);
    });
    own.value = kept;
    if (!news.more) return;
  }
}

/** A family that is no longer mine leaves when all I wrote about it has been received. */
async function mayLeave(removed: readonly string[]): Promise<string[]> {
  const rows = await store.entries.where("state").equals("waiting").toArray();
  const items = await Promise.all(rows.map((row) => opened<Item>(open(), row.sealed)));
  const needed = new Set(items.map((each) => each.household));
  const before = (await ownOf<string[]>("leaving")) ?? [];
  const all = [...new Set([...before, ...removed])];
  await keepOwn("leaving", all.filter((id) => needed.has(id)));
  return all.filter((id) => !needed.has(id));
}

/** Photos of entries that the server has. A photo that fails lets the next one try. */
async function sendPhotos(): Promise<void> {
  const rows = await store.photos.filter((each) => each.offset < each.size).toArray();
  for (const row of rows) {
    const entry = await store.entries.where("id").equals(row.entry).first();
    if (!entry || entry.state === "waiting") continue;
    const bytes = await openedBytes(open(), row.sealed);
    await wire.sendFile(row, bytes, async (offset) => {
      await store.photos.update(row.sha256, { offset });
    });
  }
}

/** A notice was read: at once on this phone, and a receipt in the queue. */
export async function readNotice(id: string): Promise<void> {
  const at = momentOf(now());
  const entry = newId(now());
  await write([
    {
      id: entry, kind: "read", household: "", based_on: 0, seen_on: today(), written_at: at,
      app: APP, rulebook: own.value.rulebook, says: { notice: id },
    },
  ]);
  const notices = own.value.notices.map((each) => (each.id === id ? { ...each, read_at: at } : each));
  await keepOwn("own", { ...own.value, notices });
  void sync();
}

/** Whether the phone holds this family. */
export function holds(id: string): boolean {
  return families.value.some((each) => each.id === id);
}
