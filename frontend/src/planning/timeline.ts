/** The geometry of the timeline. */
import { addDays, daysBetween } from '@/shared/format'
import { addMonths, startOfMonth, startOfWeek } from './days'
import { spanOf, type Dated } from './lanes'

export type Zoom = 'day' | 'week' | 'month'

/** The width of a day in pixels. */
export const DAY_WIDTH: Record<Zoom, number> = { day: 44, week: 18, month: 6 }
const MARGIN_DAYS: Record<Zoom, number> = { day: 10, week: 28, month: 90 }

export interface Span {
  from: string
  to: string
}

export interface Scale {
  /** The first day drawn, and the number of days. */
  first: string
  days: number
  dayWidth: number
}

/** A scale that contains every span and day with some margin, at least `width` pixels wide. */
export function scaleOver(spans: readonly Span[], days: readonly string[], zoom: Zoom, width: number): Scale {
  const all = [...spans.flatMap((span) => [span.from, span.to]), ...days].sort()
  const dayWidth = DAY_WIDTH[zoom]
  const first = addDays(all[0] as string, -MARGIN_DAYS[zoom])
  const needed = daysBetween(first, all.at(-1) as string) + 1 + MARGIN_DAYS[zoom]
  return { first, days: Math.max(needed, Math.ceil(width / dayWidth)), dayWidth }
}

export function xOf(scale: Scale, day: string): number {
  return daysBetween(scale.first, day) * scale.dayWidth
}

export function dayAt(scale: Scale, x: number): string {
  return addDays(scale.first, Math.floor(x / scale.dayWidth))
}

/** The left edge and width of a bar; a single day is one day wide. */
export function barOf(scale: Scale, span: Span): { x: number; width: number } {
  return { x: xOf(scale, span.from), width: (daysBetween(span.from, span.to) + 1) * scale.dayWidth }
}

export type Grip = 'move' | 'start' | 'end'

/** Moves a span, or one of its ends, by whole days; it never ends before it starts. */
export function shifted(span: Span, grip: Grip, days: number): Span {
  if (grip === 'move') return { from: addDays(span.from, days), to: addDays(span.to, days) }
  if (grip === 'start') {
    const from = addDays(span.from, days)
    return { from: from > span.to ? span.to : from, to: span.to }
  }
  const to = addDays(span.to, days)
  return { from: span.from, to: to < span.from ? span.from : to }
}

/**
 * The patch that puts the task on the new span. A task with a due date only keeps just that while it is a single day;
 * one with a start only gets a due date when it grows.
 */
export function patchFor(task: Pick<Dated, 'start_on' | 'due_on'>, span: Span): { start_on?: string; due_on?: string } {
  const isSingle = span.from === span.to
  const patch: { start_on?: string; due_on?: string } = {}
  if (task.start_on !== span.from && (task.start_on !== null || !isSingle)) patch.start_on = span.from
  if (task.due_on !== span.to && (task.due_on !== null || !isSingle || task.start_on === null)) patch.due_on = span.to
  return patch
}

/** Where a span is that cannot be seen at all; null where some of it can. */
export function sideOf(span: Span, sight: Span): 'before' | 'after' | null {
  if (span.to < sight.from) return 'before'
  return span.from > sight.to ? 'after' : null
}

export interface Tick {
  day: string
  x: number
  width: number
}

/** The months of the scale between two days, cut at its ends. */
export function monthTicks(scale: Scale, from: string, to: string): Tick[] {
  return ticks(scale, startOfMonth(from), to, (day) => addMonths(day, 1))
}

export function weekTicks(scale: Scale, from: string, to: string, firstWeekday: number): Tick[] {
  return ticks(scale, startOfWeek(from, firstWeekday), to, (day) => addDays(day, 7))
}

export function dayTicks(scale: Scale, from: string, to: string): Tick[] {
  return ticks(scale, from, to, (day) => addDays(day, 1))
}

function ticks(scale: Scale, from: string, to: string, next: (day: string) => string): Tick[] {
  const found: Tick[] = []
  const end = scale.days * scale.dayWidth
  for (let day = from; day <= to; day = next(day)) {
    const x = Math.max(0, xOf(scale, day))
    const width = Math.min(end, xOf(scale, next(day))) - x
    if (width > 0) found.push({ day, x, width })
  }
  return found
}

/** The spans of those that have one. */
export function spansOf(items: readonly Dated[]): Span[] {
  return items.flatMap((item) => spanOf(item) ?? [])
}
