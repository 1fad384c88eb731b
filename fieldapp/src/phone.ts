/** The phone: its lock, what it holds once unlocked, and the only ways to write on it. */

import { liveQuery, type Subscription } from "dexie";
import { computed, reactive, ref, shallowRef } from "vue";
import type { Account } from "./account";
import type { Tree } from "./conditions";
import { dayOf } from "./days";
import type { Family } from "./families";
import { left, markLeft } from "./left";
import { counts, grouped, namesFor, type Answer, type Item, type Names } from "./queue";
import type { Fact } from "./questions";
import { newLock, opened, openedBytes, seal, sealBytes, sha256, unlock, withNewPin } from "./sealing";
import type { Bytes } from "./sealing";
import { householdOf, Store, type KeptEntry } from "./store";
import type { Carried } from "./visit";
import type { Text } from "./words";

/** Wrong PINs before the phone is wiped – if nothing is unsent, else after a rescue file. */
export const MOST_WRONG = 8;

export interface Notice {
  id: string;
  title: string;
  words: string;
  at: string;
  by: string;
  read_at: string | null;
  /** A meeting helpers are called to, and what was answered: true comes, false cannot. */
  meeting?: { at: string; where: string } | null;
  coming?: boolean | null;
  /** Why it was withdrawn; null or missing while it holds. */
  withdrawn?: string | null;
}

/** What is the same for all families. */
export interface Own {
  name: string;
  worker: string;
  rulebook: string;
  /** How income adds up, by the rulebook; a server of before does not say. */
  account?: Account[];
  notices: Notice[];
  /** Heads of the families that left this phone and of whom it was not yet read. */
  away?: string[];
  /** Milliseconds the server's clock is ahead of this one. */
  skew: number;
  synced_at: string;
}

const NOBODY: Own = {
  name: "", worker: "", rulebook: "", notices: [], skew: 0, synced_at: "",
};

export type Stage = "starting" | "new" | "locked" | "open" | "full";

export const store = new Store();
export const stage = ref<Stage>("starting");
export const families = shallowRef<Family[]>([]);
export const outbox = shallowRef<Item[]>([]);
export const own = shallowRef<Own>(NOBODY);
/** Photos and recordings on the phone, by the entry that names them. */
export const filesWaiting = shallowRef<ReadonlyMap<string, number>>(new Map());
/** Those that can be sent: a photo of a visit that is not written yet waits for its words. */
export const photosWaiting = computed(() => outbox.value.reduce((sum, each) => sum + (filesWaiting.value.get(each.id) ?? 0), 0));
/** Households with a visit begun and not written. */
export const drafts = shallowRef<ReadonlySet<string>>(new Set());
export const lock = reactive({ wrong: 0 });

export const counted = computed(() => counts(outbox.value));
/** The outbox by visit: what people count, and what every number they see counts. */
export const groups = computed(() => grouped(outbox.value));
/** The facts of the rulebook by level and name. */
export const facts = shallowRef<ReadonlyMap<string, Fact>>(new Map());

let key: CryptoKey | null = null;
let watching: Subscription[] = [];
const bodies = new Map<number, New>();

/** Now by the server's clock, as far as it was heard. */
export function now(): number {
  return Date.now() + own.value.skew;
}

export function today(): string {
  return dayOf(now());
}

/** The day by this phone's own clock: entries are dated by it, and the server puts it right. */
export function dayHere(): string {
  return dayOf(Date.now());
}

/** Find out what is on the phone. */
export async function start(): Promise<void> {
  const kept = await store.locks.get("lock");
  lock.wrong = kept?.wrong ?? 0;
  stage.value = kept ? "locked" : "new";
}

export async function choosePin(pin: string): Promise<void> {
  const made = await newLock(pin);
  await store.locks.put({ id: "lock", lock: made.lock, wrong: 0 });
  await opens(made.key);
}

/** Whether the PIN was right. */
export async function enter(pin: string): Promise<boolean> {
  const kept = await store.locks.get("lock");
  if (!kept || kept.wrong >= MOST_WRONG) return false;
  // Counted before it is tried: a phone switched off in between has not gained a try.
  await store.locks.update("lock", { wrong: kept.wrong + 1 });
  const found = await unlock(kept.lock, pin);
  if (found) {
    await store.locks.update("lock", { wrong: 0 });
    lock.wrong = 0;
    await opens(found);
    return true;
  }
  lock.wrong = kept.wrong + 1;
  if (lock.wrong >= MOST_WRONG && (await store.unsent()) === 0) await wipe();
  return false;
}

export async function changePin(old: string, pin: string): Promise<boolean> {
  const kept = await store.locks.get("lock");
  const changed = kept && (await withNewPin(kept.lock, old, pin));
  if (!changed) return false;
  await store.locks.update("lock", { lock: changed, wrong: 0 });
  return true;
}

export async function wipe(): Promise<void> {
  const device = (await store.locks.get("lock"))?.device;
  // What is unsent is in a rescue file and goes up by the key of this registration: that one stays.
  const over = device && (await store.unsent()) === 0 ? [device] : [];
  // Before it is wiped: a phone that is switched off in between has not kept its session.
  markLeft({ session: true, phones: [...left().phones, ...over], pin: lock.wrong >= MOST_WRONG });
  close();
  await store.wipe();
  lock.wrong = 0;
  stage.value = "new";
}

export function close(): void {
  for (const each of watching) each.unsubscribe();
  watching = [];
  bodies.clear();
  key = null;
  families.value = [];
  outbox.value = [];
  own.value = NOBODY;
  stage.value = "locked";
}

/** The key, for whoever writes what is sealed. Throws while the phone is locked. */
export function open(): CryptoKey {
  if (!key) throw new Error("the phone is locked");
  return key;
}

async function opens(found: CryptoKey): Promise<void> {
  key = found;
  own.value = (await ownOf("own")) ?? NOBODY;
  await readFamilies();
  await nameOlder();
  // Files too: before they are counted, the outbox would say that all is delivered.
  await Promise.all([readOutbox(), readFacts(), readFiles(), readDrafts()]);
  // Another tab writes too: what it writes is seen here.
  watching = [
    liveQuery(() => store.entries.toArray()).subscribe((rows) => void showOutbox(rows)),
    liveQuery(() => store.families.toArray()).subscribe(() => void readFamilies()),
    liveQuery(() => store.own.get("own")).subscribe(() => void readOwn()),
    liveQuery(fileEntries).subscribe((keys) => countFiles(keys)),
    liveQuery(() => store.drafts.toCollection().primaryKeys()).subscribe((rows) => showDrafts(rows)),
  ];
  stage.value = "open";
}

/** The entry of each file. Keys of the index only: a week's photos are more than a small phone holds. */
async function fileEntries(): Promise<string[]> {
  return (await store.photos.orderBy("entry").keys()) as string[];
}

async function readFiles(): Promise<void> {
  countFiles(await fileEntries());
}

function countFiles(entries: readonly string[]): void {
  const found = new Map<string, number>();
  for (const each of entries) found.set(each, (found.get(each) ?? 0) + 1);
  filesWaiting.value = found;
}

async function readDrafts(): Promise<void> {
  showDrafts(await store.drafts.toCollection().primaryKeys());
}

function showDrafts(rows: readonly string[]): void {
  drafts.value = new Set(rows.map(householdOf));
}

async function readFamilies(): Promise<void> {
  if (!key) return;
  const rows = await store.families.toArray();
  families.value = await Promise.all(rows.map((row) => opened<Family>(open(), row.sealed)));
}

export async function readFacts(): Promise<void> {
  const list = (await ownOf<Fact[]>("facts")) ?? [];
  const askedIf = (await ownOf<Record<string, Tree>>("asked_if")) ?? {};
  const named = list.map((fact) => [`${fact.level}.${fact.name}`, fact] as const);
  facts.value = new Map(named.map(([name, fact]) => [name, { ...fact, asked_if: askedIf[name] }]));
}

async function readOwn(): Promise<void> {
  if (key) own.value = (await ownOf<Own>("own")) ?? NOBODY;
}

async function readOutbox(): Promise<void> {
  await showOutbox(await store.entries.toArray());
}

async function showOutbox(rows: KeptEntry[]): Promise<void> {
  if (key) outbox.value = await Promise.all(rows.map(itemOf));
}

async function itemOf(row: KeptEntry): Promise<Item> {
  const body = bodies.get(row.seq) ?? (await bodyOf(row));
  bodies.set(row.seq, body);
  const answer = row.answer && (await opened<Answer>(open(), row.answer));
  return { ...body, state: row.state, ...(answer ? { answer } : {}) };
}

async function bodyOf(row: KeptEntry): Promise<New> {
  const body = await opened<New>(open(), row.sealed);
  return row.names ? { ...body, names: await opened<Names>(open(), row.names) } : body;
}

/** Entries of versions that kept no names get them while their family is still here. */
async function nameOlder(): Promise<void> {
  for (const row of await store.entries.filter((each) => !each.names).toArray()) {
    const names = nowCalled(await opened<New>(open(), row.sealed));
    // A phone without room for them is opened all the same.
    if (names) await store.entries.update(row.seq, { names: await seal(open(), names) }).catch(() => undefined);
  }
}

function nowCalled(entry: New): Names | undefined {
  return namesFor(entry, families.value.find((each) => each.id === entry.household));
}

/** A list of one's own by its name; undefined when it was never kept. */
export async function ownOf<T>(name: string): Promise<T | undefined> {
  const row = await store.own.get(name);
  return row && opened<T>(open(), row.sealed);
}

export async function keepOwn(name: string, value: unknown): Promise<void> {
  await store.own.put({ id: name, sealed: await seal(open(), value) });
}

/**
 * Change what is the same for all families: one change after another, in all tabs, each of what the
 * one before left. Two at once would each write what it had read, and the first were gone.
 *
 * keep   writes it, where more is written with it
 */
export async function changeOwn(
  change: (now: Own) => Own,
  keep: (own: Own) => Promise<void> = (changed) => keepOwn("own", changed),
): Promise<Own> {
  return navigator.locks.request("yihu-field-own", async () => {
    const changed = change((await ownOf<Own>("own")) ?? NOBODY);
    await keep(changed);
    own.value = changed;
    return changed;
  });
}

export type New = Omit<Item, "state" | "answer">;

/**
 * Entries into the queue, all or none, and the draft they came from goes. On the disk when it
 * returns.
 *
 * photos   of a visit, kept since they were taken → the entry of each
 * said     bytes that a visit among them says were carried: they are not said again
 */
export async function write(
  entries: readonly New[],
  draft = "",
  photos: Record<string, string> = {},
  said: Carried = { up: 0, down: 0 },
): Promise<void> {
  const rows = await Promise.all(
    entries.map(async ({ names: before, ...each }) => {
      const names = before ?? nowCalled(each);
      const beside = names ? { names: await seal(open(), names) } : {};
      return { id: each.id, state: "waiting" as const, sealed: await seal(open(), each), ...beside };
    }),
  );
  const tables = [store.entries, store.drafts, store.photos, store.counters];
  await store.transaction("rw", tables, async () => {
    await store.entries.bulkAdd(rows as KeptEntry[]);
    for (const [sum, entry] of Object.entries(photos)) await store.photos.update(sum, { entry });
    if (draft) await store.drafts.delete(draft);
    await carry({ up: -said.up, down: -said.down });
  });
}

/** Bytes sent and fetched since the last visit that said so. */
export async function carried(): Promise<Carried> {
  const { up, down } = (await store.counters.get("carried")) ?? { up: 0, down: 0 };
  return { up, down };
}

/** So many bytes more. Two tabs that write at once say the same bytes; below nothing it never goes. */
export async function carry(more: Carried): Promise<void> {
  if (!more.up && !more.down) return;
  await store.transaction("rw", store.counters, async () => {
    const { up, down } = await carried();
    await store.counters.put({
      id: "carried", up: Math.max(0, up + more.up), down: Math.max(0, down + more.down),
    });
  });
}

/** What the server answered, beside the entries. */
export async function answered(answers: readonly Answer[]): Promise<void> {
  const kept = await Promise.all(
    answers.map(async (each) => ({ answer: each, sealed: await seal(open(), each) })),
  );
  await store.transaction("rw", store.entries, async () => {
    for (const { answer, sealed } of kept) {
      await store.entries
        .where("id").equals(answer.id)
        .filter((row) => row.state === "waiting" || row.state === "held")
        .modify({ state: answer.outcome, answer: sealed });
    }
  });
}

/** A photo of a visit under way. Its sum; throws QuotaExceededError when the phone is full. */
export async function keepPhoto(bytes: Bytes, type: string, draft: string): Promise<string> {
  const sum = await sha256(bytes);
  const sealed = await sealBytes(open(), bytes);
  await store.transaction("rw", store.photos, async () => {
    // The same picture again stays with the visit that has it: it is sent once, and for both.
    if (await store.photos.get(sum)) return;
    await store.photos.put({ sha256: sum, entry: draft, size: bytes.length, type, offset: 0, sealed });
  });
  return sum;
}

/** Files of a draft that got another id, as the rest of a visit that another window wrote. */
export async function moveFiles(sums: readonly string[], from: string, draft: string): Promise<void> {
  await store.photos.where("sha256").anyOf(sums).and((row) => row.entry === from).modify({ entry: draft });
}

export async function photoBytes(sum: string): Promise<Bytes | null> {
  const row = await store.photos.get(sum);
  return row ? openedBytes(open(), row.sealed) : null;
}

/** A visit begun and not yet written, so that a phone that dies loses no tap. */
export async function keepDraft(id: string, draft: unknown): Promise<void> {
  await store.drafts.put({ id, sealed: await seal(open(), draft) });
}

/** Drafts whose rows begin so, with what they hold. */
export async function draftsOf<T>(begins: string): Promise<{ id: string; draft: T }[]> {
  const rows = await store.drafts.where("id").startsWith(begins).toArray();
  return Promise.all(rows.map(async ({ id, sealed }) => ({ id, draft: await opened<T>(open(), sealed) })));
}

export interface Said {
  kind: "good" | "bad" | "ask";
  words: Text;
}
/** One sentence at the foot of the screen, gone by itself. */
export const said = shallowRef<Said | null>(null);
let silence = 0;

export function tell(kind: Said["kind"], zh: string, en: string): void {
  said.value = { kind, words: { zh, en } };
  window.clearTimeout(silence);
  silence = window.setTimeout(() => (said.value = null), 5000);
}
