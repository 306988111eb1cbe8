import { expect, test } from 'vitest'
import { kindOf, parseStep } from './step'

const READING = { today: '2026-11-28', isMonthFirst: false, languages: ['en', 'de'] }

test.each([
  ['Send quote, Fri', 'Send quote', '2026-12-04'],
  ['Send quote by Friday', 'Send quote', '2026-12-04'],
  ['Send quote next Monday', 'Send quote', '2026-11-30'],
  ['Angebot senden, Fr', 'Angebot senden', '2026-12-04'],
  ['Angebot senden bis Freitag', 'Angebot senden', '2026-12-04'],
  ['Angebot senden bis zum 3.12.', 'Angebot senden', '2026-12-03'],
  ['Send samples, blue and red, in 2 weeks', 'Send samples, blue and red', '2026-12-12'],
  ['Ring Ben tomorrow', 'Ring Ben', '2026-11-29'],
  ['Send the offer on 4 December', 'Send the offer', '2026-12-04'],
])('%j is %j on %s', (line, title, day) => expect(parseStep(line, READING)).toMatchObject({ title, due_on: day }))

test.each(['Order 12', 'Buy 24 mats', 'Talk to Mo', 'Send samples, blue and red', 'Do it so', 'Friday', 'tomorrow', '', 'Prepare for May'])('%j is a title', (line) =>
  expect(parseStep(line, READING)).toMatchObject({ title: line, due_on: null }),
)

test.each([
  ['Call Ben', 'call'], ['call: Ben', 'call'], ['Ben anrufen', 'call'], ['Rückruf Frau Meier', 'call'], ['Meeting with Zoë', 'meeting'], ['Termin Müller', 'meeting'],
  ['Recall the order', 'todo'], ['Callous', 'todo'], ['Write down the call', 'todo'], ['Terminal bestellen', 'todo'],
])('%j is a %s', (title, kind) => expect(kindOf(title)).toBe(kind))
