/** An entry while it is written: what its form holds, what is missing, and what is sent. */
import type { Entry, EntryDraft, EntryPatch } from '@/api/types'
import { parseMinutes } from '@/tasks/estimates'
import type { EntryKind, Subject } from './api'

export type Outcome = NonNullable<Entry['outcome']>
export type Direction = NonNullable<Entry['direction']>
export const OUTCOMES: readonly Outcome[] = ['reached', 'no_answer', 'voicemail', 'busy']

export interface Writing {
  kind: EntryKind
  text: string
  outcome: Outcome
  direction: Direction
  /** As they were typed. */
  minutes: string
  /** When it happened; null for now. */
  at: string | null
  /** Of an organisation's people, who it was with. */
  withId: number | null
  /** The next step, in one line. */
  next: string
}

/** What may be written on a record; the first is offered first. */
export const KINDS: Readonly<Record<Subject, readonly EntryKind[]>> = {
  contact: ['note', 'call', 'meeting'],
  project: ['comment', 'call', 'meeting'],
  task: ['comment'],
}

export const blank = (kind: EntryKind): Writing => ({ kind, text: '', outcome: 'reached', direction: 'out', minutes: '', at: null, withId: null, next: '' })

export const hasMoment = (kind: EntryKind): boolean => kind === 'call' || kind === 'meeting'

/** Whether nothing would be lost with it. */
export const isBlank = ({ text, minutes, next }: Writing): boolean => [text, minutes, next].every((value) => value.trim() === '')

/** A call that reached nobody says enough without words, and so does how long one took. */
function hasEnough(writing: Writing): boolean {
  if (writing.text.trim() !== '') return true
  return hasMoment(writing.kind) && ((writing.kind === 'call' && writing.outcome !== 'reached') || writing.minutes.trim() !== '')
}

/** The minutes; undefined where they cannot be read. A plain number is minutes. */
export function minutesOf({ kind, minutes }: Writing): number | null | undefined {
  return hasMoment(kind) ? parseMinutes(minutes) : null
}

/** The i18n key of why it cannot be sent yet; null if it can. */
export function reasonOf(writing: Writing): 'entries.words_first' | 'tasks.estimate_hint' | null {
  if (minutesOf(writing) === undefined) return 'tasks.estimate_hint'
  return hasEnough(writing) ? null : 'entries.words_first'
}

type Facts = Pick<EntryDraft, 'kind' | 'body' | 'minutes' | 'direction' | 'outcome'>

/** `body` is the text as it is kept. */
function factsOf(writing: Writing, body: string): Facts {
  const { kind, outcome, direction } = writing
  const isCall = kind === 'call'
  return { kind, body: body.trim(), minutes: minutesOf(writing) ?? null, direction: isCall ? direction : null, outcome: isCall ? outcome : null }
}

export function draftOf(writing: Writing, body: string, subject: Subject, id: number): EntryDraft {
  const { at, withId } = writing
  const contacts = withId === null || !hasMoment(writing.kind) ? {} : { contact_ids: subject === 'contact' ? [id, withId] : [withId] }
  const moment = at !== null && hasMoment(writing.kind) ? { happened_at: at } : {}
  return { ...factsOf(writing, body), subject_type: subject, subject_id: id, ...contacts, ...moment }
}

/** What has changed of the entry. */
export function patchOf(entry: Entry, writing: Writing, body: string): EntryPatch {
  const after = { ...factsOf(writing, body), ...(writing.at !== null ? { happened_at: writing.at } : {}) }
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => value !== entry[name as keyof Entry])) as EntryPatch
}

export function writingOf(entry: Entry, text: string): Writing {
  const { kind, outcome, direction, minutes, happened_at } = entry
  return { ...blank(kind), text, outcome: outcome ?? 'reached', direction: direction ?? 'out', minutes: minutes === null ? '' : String(minutes), at: happened_at }
}
