/** What travels between phone and server, as docs/sync.md says; nowhere else is an address written. */

import type { Family } from "./families";
import type { Own } from "./phone";
import type { Answer, Item } from "./queue";
import type { Bytes } from "./sealing";
import type { KeptPhoto } from "./store";
import type { Text } from "./words";

export type Hello = Pick<Own, "name" | "worker" | "skew">;
export interface News {
  families: Family[];
  removed: string[];
  own: Partial<Own>;
  token: string;
  more: boolean;
}

export class NoNetwork extends Error {}
export class SignedOut extends Error {}
export class Refused extends Error {
  constructor(readonly words: Text) {
    super(words.en);
  }
}

const ROOT = "/api/v1/sync/";
/** Bytes of one piece of a photo: a broken line costs at most so much again. */
const PIECE = 256 * 1024;

export async function hello(): Promise<Hello> {
  const sent = Date.now();
  const answer = await ask<{ name: string; worker: string; now: string }>("GET", "hello");
  const half = (Date.now() - sent) / 2;
  return { name: answer.name, worker: answer.worker, skew: Date.parse(answer.now) - sent - half };
}

export async function push(items: readonly Item[]): Promise<Answer[]> {
  return (await ask<{ answers: Answer[] }>("POST", "entries", { entries: items })).answers;
}

export async function pull(token: string): Promise<News> {
  return ask<News>("GET", `pull?token=${encodeURIComponent(token)}`);
}

export async function sendFile(
  photo: KeptPhoto,
  bytes: Bytes,
  got: (offset: number) => Promise<void>,
): Promise<void> {
  let offset = photo.offset;
  while (offset < bytes.length) {
    const answer = await ask<{ offset: number }>(
      "PUT", `files/${photo.sha256}?offset=${offset}&size=${bytes.length}`, bytes.subarray(offset, offset + PIECE),
    );
    offset = answer.offset;
    await got(offset);
  }
}

async function ask<T>(method: string, address: string, body?: object | Bytes): Promise<T> {
  const raw = body instanceof Uint8Array;
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken");
  if (body) headers["Content-Type"] = raw ? "application/octet-stream" : "application/json";
  const answer = await fetch(ROOT + address, {
    method, headers, redirect: "manual",
    ...(body ? { body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) } : {}),
  }).catch(() => {
    throw new NoNetwork();
  });
  return read<T>(answer);
}

async function read<T>(answer: Response): Promise<T> {
  if (answer.ok) return (await answer.json()) as T;
  if (answer.status === 401 || answer.type === "opaqueredirect") throw new SignedOut();
  // A gateway that cannot reach the server is no network, whatever it says.
  if (answer.status >= 502) throw new NoNetwork();
  const said = (await answer.json().catch(() => null)) as { message?: string } | null;
  const words = said?.message ?? String(answer.status);
  throw new Refused({ zh: words, en: words });
}

function cookie(name: string): string {
  const found = new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie);
  return found ? decodeURIComponent(found[1]!) : "";
}
