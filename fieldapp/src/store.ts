/**
 * What lies on the phone, in IndexedDB: sealed, but for what is needed to find it again.
 *
 * Entries and photos lie in tables of their own and are written in transactions of their own: a
 * phone without room loses the photo, never the words.
 */

import Dexie, { type EntityTable } from "dexie";
import type { State } from "./queue";
import type { Lock, Sealed } from "./sealing";

export interface KeptLock {
  id: "lock";
  lock: Lock;
  wrong: number;
  /** What this phone is registered as, open: a phone that is wiped without its PIN says that it ended. */
  device?: string;
}
/** seq: the order of writing. state: not sealed, so that the outbox counts while it is locked. */
export interface KeptEntry {
  seq: number;
  id: string;
  state: State;
  sealed: Sealed;
  /** What the server answered. */
  answer?: Sealed;
  /** Whom it is about, by name; beside the entry and not in it, as it is no part of what is sent. */
  names?: Sealed;
}
export interface KeptPhoto {
  sha256: string;
  entry: string;
  size: number;
  type: string;
  /** Bytes the server has; the whole row goes when it has all. */
  offset: number;
  sealed: Sealed;
}
/** Bytes sent and fetched since the last visit that said so; nothing of a family is in them. */
export interface KeptCarried {
  id: "carried";
  up: number;
  down: number;
}
/** A family's package, a visit begun, or one of the lists under "own". */
export interface KeptSealed {
  id: string;
  sealed: Sealed;
}

/** The household of a draft's row, "visit household window"; rows of older versions have no window. */
export function householdOf(row: string): string {
  return row.split(" ")[1] ?? "";
}

export class Store extends Dexie {
  locks!: EntityTable<KeptLock, "id">;
  entries!: EntityTable<KeptEntry, "seq">;
  photos!: EntityTable<KeptPhoto, "sha256">;
  families!: EntityTable<KeptSealed, "id">;
  drafts!: EntityTable<KeptSealed, "id">;
  own!: EntityTable<KeptSealed, "id">;
  counters!: EntityTable<KeptCarried, "id">;

  constructor(name = "yihu-field") {
    // Strict: an entry is on the disk before the helper is told that it is written.
    super(name, { chromeTransactionDurability: "strict" });
    this.version(1).stores({
      locks: "id",
      entries: "++seq, &id, state",
      photos: "sha256, entry",
      families: "id",
      drafts: "id",
      own: "id",
    });
    this.version(2).stores({ counters: "id" });
  }

  /** Entries the server has not answered for, photos – those it has are not kept here – and visits begun. */
  async unsent(): Promise<number> {
    const waiting = await this.entries.where("state").equals("waiting").count();
    return waiting + (await this.photos.count()) + (await this.drafts.count());
  }

  /** Everything goes: only when nothing is unsent, or after a rescue file was made. */
  async wipe(): Promise<void> {
    await this.transaction("rw", this.tables, async () => {
      for (const table of this.tables) await table.clear();
    });
  }
}
