/**
 * Sealing: what lies on the phone is encrypted with a data key, and that key by the PIN.
 *
 * A PIN of six figures has a million values: somebody who takes the phone apart and copies its
 * storage can try them all. It keeps out whoever finds the phone, not a laboratory.
 */

export interface Lock {
  salt: Bytes;
  rounds: number;
  iv: Bytes;
  wrapped: Bytes;
}
export interface Sealed {
  iv: Bytes;
  data: Bytes;
}
export type Bytes = Uint8Array<ArrayBuffer>;

/** PBKDF2 rounds: as many as a slow phone does in well under a second. */
const ROUNDS = 300_000;
const AES = "AES-GCM";

/** A new data key, and the lock that keeps it. */
export async function newLock(pin: string): Promise<{ lock: Lock; key: CryptoKey }> {
  const raw = random(32);
  return { lock: await locked(raw, pin), key: await imported(raw) };
}

/** The data key, or null when the PIN is another. */
export async function unlock(lock: Lock, pin: string): Promise<CryptoKey | null> {
  const raw = await unwrapped(lock, pin);
  return raw && imported(raw);
}

/** The same data key under another PIN, or null when the old PIN is another. */
export async function withNewPin(lock: Lock, old: string, pin: string): Promise<Lock | null> {
  const raw = await unwrapped(lock, old);
  return raw && locked(raw, pin);
}

/** Any value that JSON holds, sealed. */
export async function seal(key: CryptoKey, value: unknown): Promise<Sealed> {
  return sealBytes(key, new TextEncoder().encode(JSON.stringify(value)));
}

/** The value again. Rejects when it was sealed by another key or changed. */
export async function opened<T>(key: CryptoKey, sealed: Sealed): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await openedBytes(key, sealed))) as T;
}

export async function sealBytes(key: CryptoKey, bytes: Bytes): Promise<Sealed> {
  const iv = random(12);
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt({ name: AES, iv }, key, bytes)) };
}

export async function openedBytes(key: CryptoKey, sealed: Sealed): Promise<Bytes> {
  const how = { name: AES, iv: sealed.iv };
  return new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.data));
}

/** SHA-256 as the server writes it. */
export async function sha256(bytes: Bytes): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...sum].map((each) => each.toString(16).padStart(2, "0")).join("");
}

async function locked(raw: Bytes, pin: string): Promise<Lock> {
  const salt = random(16);
  const { iv, data } = await sealBytes(await fromPin(pin, salt, ROUNDS), raw);
  return { salt, rounds: ROUNDS, iv, wrapped: data };
}

async function unwrapped(lock: Lock, pin: string): Promise<Bytes | null> {
  const key = await fromPin(pin, lock.salt, lock.rounds);
  // GCM itself says whether the key is right: there is nothing else to compare.
  return openedBytes(key, { iv: lock.iv, data: lock.wrapped }).catch(() => null);
}

async function fromPin(pin: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const text = new TextEncoder().encode(pin);
  const from = await crypto.subtle.importKey("raw", text, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  const to = { name: AES, length: 256 };
  return crypto.subtle.deriveKey(how, from, to, false, ["encrypt", "decrypt"]);
}

function imported(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, AES, false, ["encrypt", "decrypt"]);
}

function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
