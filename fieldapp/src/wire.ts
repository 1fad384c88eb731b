/** What travels between phone and server, as docs/sync.md says; nowhere else is an address written. */

import type { Account } from "./account";
import type { Tree } from "./conditions";
import { momentOf } from "./days";
import type { Family } from "./families";
import type { Notice } from "./phone";
import type { Answer, Item } from "./queue";
import type { Fact } from "./questions";
import type { Bytes } from "./sealing";
import type { KeptPhoto } from "./store";
import type { Carried } from "./visit";
import { language, type Text } from "./words";

export interface Hello {
  name: string;
  worker: string;
  rulebook: string;
  /** Milliseconds the server's clock is ahead of this one. */
  skew: number;
}
export interface News {
  families: Family[];
  removed: string[];
  own: { notices?: Notice[]; rulebook?: string; account?: Account[]; facts?: Fact[]; asked_if?: Record<string, Tree> };
  answers: Answer[];
  token: string;
  more: boolean;
}
/** How to call: by the key of this phone, or by the session of the browser. */
export type Key = string | null;

export class NoNetwork extends Error {}
export class SignedOut extends Error {}
/** The key opens no more: the office has shut this phone out, or somebody has left it. */
export class KeyEnded extends SignedOut {}
/** Other phones are before this one: come back in so many seconds. */
export class InLine extends Error {
  constructor(readonly seconds: number) {
    super("in line");
  }
}
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, readonly words: Text) {
    super(words.en);
  }
}

const ROOT = "/api/v1/sync/";
/** Bytes of one piece of a photo: a broken line costs at most so much again. */
const PIECE = 256 * 1024;

/** unsent: entries this phone has still to send, for the desk's page of phones. */
export async function hello(key: Key, device: string, unsent: number): Promise<Hello> {
  const sent = Date.now();
  const answer = await ask<Omit<Hello, "skew"> & { now: string }>(key, "GET", `hello?device=${device}&unsent=${unsent}`);
  const half = (Date.now() - sent) / 2;
  return { ...answer, skew: Math.round(Date.parse(answer.now) - sent - half) };
}

/**
 * The phone was wiped: what it was registered as ends, and the session of the browser.
 *
 * pin  after too many wrong PINs
 */
export async function leave(key: Key, device: string | undefined, pin = false): Promise<void> {
  // Greeted first: a session writes only with the mark against forgery, which that brings.
  if (!key) await ask(null, "GET", "hello");
  await ask(key, "POST", "leave", device ? { device, pin } : {});
}

/**
 * Register this phone for who is signed in; its key hands in after the session has ended.
 *
 * replaces  what it was registered as before it was wiped
 */
export async function register(device: string, replaces: readonly string[]): Promise<string> {
  const name = navigator.userAgent.replace(/^[^(]*\(([^)]*)\).*$/, "$1").slice(0, 80);
  return (await ask<{ key: string }>(null, "POST", "devices", { id: device, name, replaces })).key;
}

export async function push(key: Key, device: string, items: readonly Item[]): Promise<Answer[]> {
  const entries = items.map(({ state: _state, answer: _answer, from: _from, names: _names, ...entry }) => entry);
  // The phone's own clock, right or wrong: entries were dated by it.
  const sent = { clock: momentOf(Date.now()), device: key ? undefined : device, entries };
  return (await ask<{ answers: Answer[] }>(key, "POST", "entries", sent)).answers;
}

export async function pull(token: string, unsent: readonly string[]): Promise<News> {
  const asked = new URLSearchParams({ token, unsent: unsent.join(",") });
  return ask<News>(null, "GET", `pull?${asked}`);
}

/** The photo, piece by piece from where the server says it ended. True when the server has it. */
export async function sendFile(
  key: Key,
  photo: Pick<KeptPhoto, "sha256" | "offset">,
  bytes: Bytes,
  got: (offset: number) => Promise<void>,
): Promise<boolean> {
  let offset = photo.offset;
  for (let tries = Math.ceil(bytes.length / PIECE) + 3; tries > 0; tries--) {
    const where = `files/${photo.sha256}?offset=${offset}&size=${bytes.length}`;
    const piece = bytes.subarray(offset, offset + PIECE);
    const answer = await ask<{ offset: number; whole: boolean }>(key, "PUT", where, piece);
    if (answer.whole) return true;
    offset = answer.offset;
    await got(offset);
  }
  return false;
}

/** Bytes of bodies since somebody took them; what the line itself adds is not seen from here. */
let travelled: Carried = { up: 0, down: 0 };

/** What was carried since this was asked last. */
export function takeTravelled(): Carried {
  const found = travelled;
  travelled = { up: 0, down: 0 };
  return found;
}

async function ask<T>(key: Key, method: string, address: string, body?: object | Bytes): Promise<T> {
  const raw = body instanceof Uint8Array;
  // What the desk says of an entry is read in the language of the app, not in that of the browser.
  const spoken = language.value === "zh" ? "zh-Hans" : "en";
  const headers: Record<string, string> = { Accept: "application/json", "Accept-Language": spoken };
  if (key) headers.Authorization = `Bearer ${key}`;
  else if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken");
  if (body) headers["Content-Type"] = raw ? "application/octet-stream" : "application/json";
  const sent = raw ? (body as Bytes) : body && new TextEncoder().encode(JSON.stringify(body));
  travelled.up += sent?.length ?? 0;
  const answer = await fetch(ROOT + address, {
    method, headers, redirect: "manual", ...(sent ? { body: sent } : {}),
  }).catch(() => {
    throw new NoNetwork();
  });
  if (key && answer.status === 401) throw new KeyEnded();
  return read<T>(answer);
}

async function read<T>(answer: Response): Promise<T> {
  if (answer.ok) {
    try {
      const text = await answer.text();
      // The header counts what travelled where the answer was packed for the way.
      const packed = Number(answer.headers.get("Content-Length"));
      travelled.down += packed || new TextEncoder().encode(text).length;
      return JSON.parse(text) as T;
    } catch {
      // A line that breaks in the middle of an answer is a line that broke.
      throw new NoNetwork();
    }
  }
  if (answer.status === 401 || answer.type === "opaqueredirect") throw new SignedOut();
  const back = Number(answer.headers.get("Retry-After"));
  if (answer.status === 503 && back > 0) throw new InLine(Math.min(back, 60));
  // A gateway that cannot reach the server is no network, whatever it says.
  if (answer.status >= 502) throw new NoNetwork();
  const said = (await answer.json().catch(() => null)) as { message?: string; code?: string } | null;
  const words = said?.message ?? `HTTP ${answer.status}`;
  throw new Refused(answer.status, said?.code ?? "", { zh: words, en: words });
}

function cookie(name: string): string {
  const found = new RegExp(`(?:^|; )${name}=([^;]*)`).exec(document.cookie);
  return found ? decodeURIComponent(found[1]!) : "";
}
