/**
 * Sending and fetching: words first, then what is new of my families, then photos.
 *
 * One tab at a time (Web Locks). Whatever breaks off – signal, session, battery – is begun again:
 * entries go under their ids, photos where the server says they ended. Handing in needs only the
 * phone's key, so it goes on when the session has ended.
 */

import { ref, shallowRef } from "vue";
import { APP } from "./about";
import { momentOf } from "./days";
import { newId } from "./ids";
import { tellLeft } from "./leaving";
import { left, markLeft } from "./left";
import {
  answered, carry, changeOwn, dayHere, families, keepOwn, type Notice, now, open, own, ownOf, readFacts, stage, store, write,
} from "./phone";
import { nextBatch, type Answer, type From, type Item } from "./queue";
import { opened, openedBytes, seal } from "./sealing";
import { householdOf, type KeptPhoto } from "./store";
import { dropFiles } from "./windows";
import * as wire from "./wire";
import type { Text } from "./words";

export const online = ref(typeof navigator === "undefined" ? true : navigator.onLine);
export const syncing = ref(false);
export const signedOut = ref(false);
/** The office has shut this phone out, and nobody has signed in since to register it anew. */
export const shutOut = ref(false);
/** Seconds after which it is tried again because other phones were before this one; 0: none were. */
export const inLine = ref(0);
/** Why the last try ended, when it was neither the network nor the session. */
export const troubles = shallowRef<Text | null>(null);

/** Entries of one request; the server takes 100. */
const BATCH = 50;

/** This phone for the server. */
interface Device {
  id: string;
  key: string | null;
}

/** Somebody asked while a sync ran: it may have looked at the network or the queue too early. */
let askedMeanwhile = false;

export async function sync(): Promise<void> {
  if (stage.value !== "open") return;
  if (syncing.value) {
    askedMeanwhile = true;
    return;
  }
  syncing.value = true;
  try {
    do {
      askedMeanwhile = false;
      await navigator.locks.request("yihu-field-sync", { ifAvailable: true }, async (mine) => {
        if (mine) await wholeSync();
      });
    } while (askedMeanwhile && stage.value === "open");
  } finally {
    syncing.value = false;
  }
}

async function wholeSync(): Promise<void> {
  troubles.value = null;
  inLine.value = 0;
  try {
    await tellLeft();
    const device = (await ownOf<Device>("device")) ?? { id: newId(), key: null };
    await keepDevice(device);
    await exchange(device).catch(async (problem) => {
      if (!(problem instanceof wire.KeyEnded)) throw problem;
      // Kept, a dead key would end every sync. Who is signed in registers the phone anew at once.
      device.key = null;
      await keepDevice(device);
      await exchange(device);
    });
    await changeOwn((mine) => ({ ...mine, synced_at: momentOf(now()) }));
  } catch (problem) {
    ended(problem);
  } finally {
    await carry(wire.takeTravelled());
  }
}

async function exchange(device: Device): Promise<void> {
  const session = await greeted(device);
  await sendEntries(device);
  if (session) await fetchNews();
  await sendPhotos(device);
}

function ended(problem: unknown): void {
  if (problem instanceof wire.SignedOut) signedOut.value = true;
  else if (problem instanceof wire.NoNetwork) online.value = false;
  else if (problem instanceof wire.InLine) inLine.value = problem.seconds;
  else if (problem instanceof wire.Refused) troubles.value = problem.words;
  // Locked or wiped in the middle: there is nobody to tell, and all is begun again later.
  else if (stage.value === "open") throw problem;
}

/** Sign in on the desk's page and come back. */
export function signIn(): void {
  location.href = "/account/login/?next=/field/";
}

/**
 * Whether the session is that of this phone's helper. Without one the key greets, for the clock.
 *
 * Throws SignedOut when there is neither.
 */
async function greeted(device: Device): Promise<boolean> {
  const unsent = await store.entries.where("state").equals("waiting").count();
  const mine = await wire.hello(null, device.id, unsent).catch((problem) => {
    if (problem instanceof wire.SignedOut) return null;
    throw problem;
  });
  online.value = true;
  const stranger = mine !== null && own.value.worker !== "" && mine.worker !== own.value.worker;
  if (stranger) {
    troubles.value = {
      zh: `这部手机上是${own.value.name}的家户，登录的却是${mine.name}。请让${own.value.name}登录，或先退出并清空手机。`,
      en: `This phone holds the families of ${own.value.name}; ${mine.name} is signed in. Sign in as ${own.value.name}, or leave and wipe the phone first.`,
    };
  }
  const session = mine !== null && !stranger;
  signedOut.value = mine === null;
  if (session && !device.key) await registered(device);
  shutOut.value = !device.key && own.value.worker !== "";
  const heard = session ? mine : await byKey(device, unsent);
  await changeOwn((mine) => ({ ...mine, name: heard.name, worker: heard.worker, skew: heard.skew }));
  return session;
}

async function byKey(device: Device, unsent: number): Promise<wire.Hello> {
  if (!device.key) throw new wire.SignedOut();
  return wire.hello(device.key, device.id, unsent);
}

async function registered(device: Device): Promise<void> {
  const before = left().phones;
  try {
    device.key = await wire.register(device.id, before);
  } catch (problem) {
    // Registered for somebody who had this phone before: it is another phone from now on.
    if (!(problem instanceof wire.Refused) || problem.code !== "sync.device_taken") throw problem;
    device.id = newId();
    device.key = await wire.register(device.id, before);
  }
  markLeft({ session: false, phones: [] });
  await keepDevice(device);
}

async function keepDevice(device: Device): Promise<void> {
  await keepOwn("device", device);
  await store.locks.update("lock", { device: device.id });
}

async function sendEntries(device: Device): Promise<void> {
  // Phones whose key hands in no more: what was written on them waits here.
  const shut = new Set<string>();
  for (;;) {
    const rows = await store.entries.where("state").equals("waiting").sortBy("seq");
    const items = await Promise.all(rows.map((row) => opened<Item>(open(), row.sealed)));
    const left = items.map((item) => ({ ...item, state: "waiting" as const })).filter((each) => !shut.has(each.from?.id ?? ""));
    const by = left[0]?.from;
    const batch = nextBatch(left.filter((each) => each.from?.id === by?.id), BATCH);
    if (batch.length === 0) return;
    const answers = by ? await asWritten(by, batch, shut) : await wire.push(device.key, device.id, batch);
    if (!answers) continue;
    await answered(answers);
    // A server that answers for none of them would be asked for ever.
    if (answers.length === 0) return;
  }
}

/** What came out of a rescue file goes up by the key of its own phone; null where that is shut out. */
async function asWritten(by: From, batch: readonly Item[], shut: Set<string>): Promise<Answer[] | null> {
  try {
    return await wire.push(by.key, by.id, batch);
  } catch (problem) {
    if (!(problem instanceof wire.KeyEnded)) throw problem;
    shut.add(by.id);
    sayShut();
    return null;
  }
}

function sayShut(): void {
  troubles.value = {
    zh: "救援文件里的记录来自一部已停用的手机，没有上传，仍在这部手机上；其他的照常上传。请把手机交给乡镇，由他们核对。",
    en: "Entries of the rescue file were written on a phone that was shut out: they were not sent and stay here; all else is sent. Give this phone to the township office.",
  };
}

async function fetchNews(): Promise<void> {
  for (;;) {
    const news = await wire.pull((await ownOf<string>("token")) ?? "", await unsentFamilies()).catch(
      async (problem) => {
        if (!(problem instanceof wire.Refused) || problem.code !== "sync.bad_token") throw problem;
        return wire.pull("", await unsentFamilies());
      },
    );
    await answered(news.answers);
    await kept(news);
    if (!news.more) return;
  }
}

/** Families, token and lists in one transaction: the token never says more than the phone has. */
async function kept(news: wire.News): Promise<void> {
  const { facts, asked_if: askedIf, ...other } = news.own;
  const sealed = await Promise.all(news.families.map((family) => sealedRow(family.id, family)));
  const away = families.value.filter((each) => news.removed.includes(each.id)).map((each) => each.head);
  await changeOwn(
    (mine) => ({
      ...mine, ...other, away: [...(mine.away ?? []), ...away],
      ...(other.notices && { notices: asToldHere(other.notices, mine.notices) }),
    }),
    async (mine) => {
      const rows = await Promise.all([
        sealedRow("own", mine),
        sealedRow("token", news.token),
        ...(facts ? [sealedRow("facts", facts)] : []),
        ...(askedIf ? [sealedRow("asked_if", askedIf)] : []),
      ]);
      await store.transaction("rw", store.families, store.own, async () => {
        await store.families.bulkPut(sealed);
        await store.families.bulkDelete(news.removed);
        await store.own.bulkPut(rows);
      });
    },
  );
  if (facts || askedIf) await readFacts();
}

/** Notices as they came; what was said of one here, and the desk does not know yet, stays said. */
function asToldHere(came: readonly Notice[], had: readonly Notice[]): Notice[] {
  const known = new Map(had.map((each) => [each.id, each]));
  return came.map((each) => {
    const mine = known.get(each.id);
    return { ...each, read_at: each.read_at ?? mine?.read_at ?? null, coming: each.coming ?? mine?.coming ?? null };
  });
}

async function sealedRow(id: string, value: unknown) {
  return { id, sealed: await seal(open(), value) };
}

/** Households about which something has still to be received: they do not leave the phone yet. */
async function unsentFamilies(): Promise<string[]> {
  // Keys of the index only: the photos of a week are more than a small phone holds in its memory.
  const photos = (await store.photos.orderBy("entry").uniqueKeys()) as string[];
  const waiting = await store.entries.where("state").equals("waiting").toArray();
  const named = await store.entries.where("id").anyOf(photos).toArray();
  const items = await Promise.all([...waiting, ...named].map((row) => opened<Item>(open(), row.sealed)));
  const drafts = (await store.drafts.toArray()).map((each) => householdOf(each.id));
  return [...new Set([...items.map((each) => each.household).filter(Boolean), ...drafts])];
}

/** Photos of entries that the server has. A photo that is refused lets the next one try. */
async function sendPhotos(device: Device): Promise<void> {
  for (const sum of await store.photos.toCollection().primaryKeys()) {
    const row = await store.photos.get(sum);
    const entry = row && (await store.entries.where("id").equals(row.entry).first());
    if (!row || !entry || entry.state === "waiting") continue;
    const { from, says } = await opened<Item>(open(), entry.sealed);
    if (says.sha256 !== sum) {
      // No entry names it, as the first of two signatures: the server would refuse it for ever.
      await dropFiles(row.entry, "", [sum]);
      continue;
    }
    await sendPhoto(from ?? device, row).catch(async (problem) => {
      if (from && problem instanceof wire.KeyEnded) return sayShut();
      if (!(problem instanceof wire.Refused)) throw problem;
      // What came was dropped there: begin anew the next time.
      await store.photos.update(row.sha256, { offset: 0 });
      troubles.value = problem.words;
    });
  }
}

async function sendPhoto(device: Device, row: KeptPhoto): Promise<void> {
  const bytes = await openedBytes(open(), row.sealed);
  const whole = await wire.sendFile(device.key, row, bytes, async (offset) => {
    await store.photos.update(row.sha256, { offset });
  });
  // Only now: the server has said that it has all of it.
  if (whole) await store.photos.delete(row.sha256);
}

/** A notice was read: at once on this phone, and a receipt in the queue. */
export async function readNotice(id: string): Promise<void> {
  await tellOfNotice(id, {}, {});
}

/** Whether one comes to a meeting; why is asked of who cannot. */
export async function answerMeeting(id: string, coming: boolean, why: string): Promise<void> {
  await tellOfNotice(id, coming ? { coming } : { coming, why }, { coming });
}

async function tellOfNotice(id: string, says: Record<string, unknown>, shown: Partial<Notice>): Promise<void> {
  const at = momentOf(Date.now());
  await write([
    {
      id: newId(), kind: "read", household: "", based_on: 0, seen_on: dayHere(), written_at: at,
      app: APP, rulebook: own.value.rulebook, says: { notice: id, ...says },
    },
  ]);
  await changeOwn((mine) => ({
    ...mine,
    notices: mine.notices.map((each) =>
      each.id === id ? { ...each, ...shown, read_at: each.read_at ?? at } : each,
    ),
  }));
  void sync();
}
