/** A visit: what is noted at the door, and the entries it becomes. Pure. */

import { momentOf } from "./days";
import type { Family } from "./families";
import { newId } from "./ids";
import { factsOf, stillAsked, type Answers, type Question } from "./questions";
import type { New } from "./phone";

export type How = "signed" | "fingerprint" | "phone";

/** A signature on the screen (a picture), or how it was given instead. */
export interface Signature {
  how: How;
  who: string;
  /** Who of the household signed, where it was not the head. */
  person?: string;
  sha256: string;
  size: number;
}
export type Side = "户主" | "家人" | "帮扶人";
export interface Shot {
  sha256: string;
  size: number;
  type: string;
  of: "house" | "card" | "paper" | "person";
}
export interface Voice {
  sha256: string;
  size: number;
  type: string;
  seconds: number;
}
export interface Help {
  measure: string;
  yuan: number | null;
  words: string;
  person: string;
}
/** Help being typed: it is noted when somebody says so, and kept meanwhile. */
export interface Helping {
  measure: string;
  yuan: string;
  words: string;
  person: string;
}
export interface Spot {
  latitude: number;
  longitude: number;
  metres: number;
}
export interface Draft {
  id: string;
  household: string;
  /** The head's name, for a draft that comes out of a rescue file where the family is not. */
  head?: string;
  /** Moment the visit began, by the server's clock as far as it was heard. */
  began: number;
  answers: Answers;
  words: string;
  with: string[];
  help: Help[];
  helping?: Helping | null;
  shots: Shot[];
  voices: Voice[];
  household_signature: Signature | null;
  helper_signature: Signature | null;
  spot: Spot | null;
  /** How often the screen was touched, and which questions ever got an answer: what it cost. */
  taps: number;
  put: string[];
  /** Of the rest of a visit that another window wrote: which, and when that was. */
  adds_to?: { visit: string; written_at: string } | null;
}

/** Bytes sent and fetched, as the desk's burden meter asks for them. */
export interface Carried {
  up: number;
  down: number;
}

export interface About {
  app: string;
  rulebook: string;
  now: number;
  today: string;
  /** Milliseconds the server's clock is ahead of this one, as far as it was heard. */
  skew?: number;
  /** Bytes since the last visit that said so. */
  carried?: Carried;
}

export function newDraft(household: string, now: number): Draft {
  return {
    id: newId(now), household, began: now, answers: {}, words: "", with: [], help: [], shots: [], voices: [],
    household_signature: null, helper_signature: null, spot: null, taps: 0, put: [],
  };
}

/** Whether anything of help was typed and not noted yet. */
export function isTyped(helping: Helping | null | undefined): boolean {
  return Boolean(helping && (helping.measure || helping.yuan.trim() || helping.words.trim()));
}

/** Whether anything was noted or typed: such a visit is kept. */
export function hasContent(draft: Draft): boolean {
  return hasNoted(draft) || isTyped(draft.helping);
}

/** Whether anything was noted: an empty visit is not written. */
export function hasNoted(draft: Draft): boolean {
  return (
    Object.keys(draft.answers).length + draft.help.length + draft.shots.length + draft.voices.length > 0 ||
    draft.words.trim() !== "" ||
    draft.household_signature !== null ||
    draft.helper_signature !== null
  );
}

/**
 * The entries of a visit, in their order, and for each photo the entry that names it.
 *
 * Each thing is an entry of its own, so that a refusal of one leaves the others: the visit with
 * its facts, each help, each photo, each spoken note, each signature.
 */
export function entriesOf(
  draft: Draft,
  family: Pick<Family, "id" | "number">,
  questions: readonly Question[],
  about: About,
): { entries: New[]; photos: Record<string, string> } {
  const common = commonOf(family, about);
  const visit: New = { ...common("visit", draft.id), says: visitSays(draft, questions, about) };
  return withAttachments([visit], draft, draft.id, common);
}

/** The first entries, then help, photos, recordings and signatures of a draft, which are of `visit`. */
export function withAttachments(
  first: New[],
  draft: Draft,
  visit: string,
  common: Common,
): { entries: New[]; photos: Record<string, string> } {
  const help = draft.help.map((each) => ({ ...common("help"), says: helpSays(each) }));
  const shots = draft.shots.map((each) => ({ ...common("evidence"), says: shotSays(each, visit) }));
  const voices = draft.voices.map((each) => ({ ...common("evidence"), says: voiceSays(each, visit) }));
  const entries = [...first, ...help, ...shots, ...voices];
  const photos: Record<string, string> = {};
  for (const each of [...shots, ...voices]) photos[each.says.sha256] = each.id;
  for (const [of, signature] of signatures(draft)) {
    const written = entries.map((each) => each.id);
    const made = signatureEntries(of, signature, visit, common, written);
    if (signature.sha256) photos[signature.sha256] = made[0]!.id;
    entries.push(...made);
  }
  return { entries, photos };
}

type Common = (kind: string, id?: string) => Omit<New, "says">;

export function commonOf(family: Pick<Family, "id" | "number">, about: About): Common {
  return (kind, id = newId(about.now)) => ({
    id, kind, household: family.id, based_on: family.number, seen_on: about.today,
    written_at: momentOf(about.now), app: about.app, rulebook: about.rulebook,
  });
}

function visitSays(
  draft: Draft,
  questions: readonly Question[],
  about: About,
): Record<string, unknown> {
  const spot = draft.spot;
  return {
    visit: draft.id,
    ...(draft.words.trim() ? { words: draft.words.trim() } : {}),
    ...(draft.with.length ? { with: draft.with } : {}),
    until: momentOf(about.now),
    // How long it took and where it was, only with the helper's consent: the switch was on.
    ...(spot ? { place_of_visit: { ...spot, began: momentOf(draft.began) } } : {}),
    effort: { taps: draft.taps, asked: draft.put.length, ...about.carried },
    ...factsOf(stillAsked(draft.answers, questions)),
  };
}

export function helpSays(help: Help): Record<string, unknown> {
  return {
    measure: help.measure,
    ...(help.words.trim() ? { words: help.words.trim() } : {}),
    ...(help.yuan === null ? {} : { amount: { yuan: help.yuan } }),
    ...(help.person ? { person: help.person } : {}),
  };
}

function shotSays(shot: Shot, visit: string): { sha256: string } & Record<string, unknown> {
  return {
    sha256: shot.sha256, size: shot.size, type: shot.type,
    about: { visit, of: shot.of },
  };
}

function voiceSays(voice: Voice, visit: string): { sha256: string } & Record<string, unknown> {
  return {
    sha256: voice.sha256, size: voice.size, type: voice.type,
    about: { visit, of: "voice", seconds: voice.seconds },
  };
}

/** As whom the household signed: another member is not written down as its head. */
export function sideOf(signature: Signature | null): Side {
  return signature?.person ? "家人" : "户主";
}

export function signatures(draft: Draft): [Side, Signature][] {
  const found: [Side, Signature][] = [];
  if (draft.household_signature) found.push([sideOf(draft.household_signature), draft.household_signature]);
  if (draft.helper_signature) found.push(["帮扶人", draft.helper_signature]);
  return found;
}

export const HOW_IN_WORDS: Record<How, string> = {
  signed: "手写签名", fingerprint: "不能签名，按手印", phone: "不在家，电话确认",
};

function signatureEntries(
  of: string,
  signature: Signature,
  visit: string,
  common: Common,
  written: string[],
): New[] {
  const words = [HOW_IN_WORDS[signature.how], signature.who].filter(Boolean).join("：");
  const says = { of, words, entries: written, ...(signature.person ? { person: signature.person } : {}) };
  if (!signature.sha256) return [{ ...common("signature"), says }];
  const picture = {
    sha256: signature.sha256, size: signature.size, type: "image/png",
    about: { visit, of: `signature ${of}` },
  };
  return [
    { ...common("evidence"), says: picture },
    { ...common("signature"), says: { ...says, evidence: [signature.sha256] } },
  ];
}
