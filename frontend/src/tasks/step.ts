/** What a task's title says about it: whether it is a call or a meeting, and at its end the day: `Send quote, Fri`. */
import type { Task } from '@/api/types'
import { parseDay, weekdayNames, type Reading } from '@/shared/dates/parse'
import { folded } from '@/shared/text'

export type TaskKind = Task['kind']
export const TASK_KINDS: readonly TaskKind[] = ['todo', 'call', 'meeting']
export const KIND_ICONS: Readonly<Record<TaskKind, string>> = { todo: 'i-lucide-square-check', call: 'i-lucide-phone', meeting: 'i-lucide-users' }

export interface Step {
  title: string
  due_on: string | null
  kind: TaskKind
}

const CALL = /^(?:call|phone|ring|callback|tel\.?|telephone|anruf(?:en)?|ruckruf|telefonat|telefonieren)(?:$|[\s:,])|\s(?:anrufen|zuruckrufen|telefonieren)$/
const MEETING = /^(?:meet|meeting|treffen|termin|besprechung|meet-up)(?:$|[\s:,])|\streffen$/
/** What may stand before the day. */
const BEFORE = /^(?:by|until|til|till|on|due|for|bis|am|zum|fallig)(?: zum)? /
const NEAR = /^(?:today|tomorrow|day after tomorrow|heute|morgen|ubermorgen|(?:in|\+) ?\d{1,3}(?: [a-z]+)?)$/
const DATE = /^\d{1,2}(?:\.\d{1,2}\.(?:\d{2,4})?|\/\d{1,2}(?:\/\d{2,4})?|(?:\.|st|nd|rd|th)? [a-z]{3,}\.?(?: \d{4})?)$|^\d{4}-\d\d?-\d\d?$|^[a-z]{3,}\.? \d{1,2}(?:st|nd|rd|th)?$/
const NEXT = /^(?:next|this|nachste[mnrs]?|kommende[mnrs]?|diese[mnrs]?) /
const MOST_WORDS = 4

export function kindOf(title: string): TaskKind {
  const words = folded(title.trim())
  if (CALL.test(words)) return 'call'
  return MEETING.test(words) ? 'meeting' : 'todo'
}

/** Reads a line. After a comma any way to write a day counts, without one only what can be nothing else. */
export function parseStep(line: string, reading: Reading): Step {
  const text = line.trim()
  const found = afterComma(text, reading) ?? atEnd(text, reading)
  const title = found?.title ?? text
  return { title, due_on: found?.due_on ?? null, kind: kindOf(title) }
}

type Dated = Omit<Step, 'kind'>

function afterComma(text: string, reading: Reading): Dated | null {
  const at = text.lastIndexOf(',')
  return at < 1 ? null : dated(text.slice(0, at), text.slice(at + 1), reading)
}

function atEnd(text: string, reading: Reading): Dated | null {
  const words = text.split(/\s+/u)
  for (let count = Math.min(MOST_WORDS, words.length - 1); count > 0; count -= 1) {
    const tail = words.slice(-count).join(' ')
    const found = isClear(dayWords(tail), reading) ? dated(words.slice(0, -count).join(' '), tail, reading) : null
    if (found) return found
  }
  return null
}

function dated(title: string, tail: string, reading: Reading): Dated | null {
  const due_on = parseDay(dayWords(tail), reading)
  return due_on !== null && title.trim() !== '' ? { title: title.trim(), due_on } : null
}

const dayWords = (text: string): string => folded(text.trim()).replace(BEFORE, '')

function isClear(words: string, { languages }: Reading): boolean {
  if (NEAR.test(words) || DATE.test(words)) return true
  const weekday = words.replace(NEXT, '')
  return languages.some((language) => weekdayNames(language).includes(weekday))
}
