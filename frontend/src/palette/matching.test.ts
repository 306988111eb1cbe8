import { expect, test } from 'vitest'
import { matches, segments, wordsOf } from './matching'

const hits = (text: string, typed: string): string[] =>
  segments(text, wordsOf(typed)).filter(({ isHit }) => isHit).map(({ text: hit }) => hit)

test('beginnings of words match, in any order, whatever the accents', () => {
  expect(matches(wordsOf('zoe mul'), 'Müller, Zoé')).toBe(true)
  expect(matches(wordsOf('uller'), 'Müller')).toBe(false)
  expect(matches(wordsOf('neu kunde'), 'Neuer Kontakt', 'Kunde anlegen')).toBe(true)
})

test('nothing typed matches everything', () => {
  expect(matches([], 'Home')).toBe(true)
})

test('what matched is marked with the letters as they are written', () => {
  expect(hits('Zoé Müller', 'zoe mu')).toEqual(['Zoé', 'Mü'])
  expect(hits('Große Straße 5', 'strasse')).toEqual(['Straße'])
  expect(hits('mia.chen@example.org', 'chen')).toEqual(['chen'])
})

test('accents written as letters of their own stay with their letter', () => {
  expect(hits('Zoe\u0301 Lind', 'zoe')).toEqual(['Zoe\u0301'])
})

test('the pieces are the whole text, and its middle is not marked', () => {
  const pieces = segments('Anna Manna', ['anna'])
  expect(pieces.map(({ text }) => text).join('')).toBe('Anna Manna')
  expect(pieces).toEqual([
    { text: 'Anna', isHit: true },
    { text: ' Manna', isHit: false },
  ])
})

test('signs outside the first plane are not torn apart', () => {
  expect(segments('🦊 Fox', ['fox']).map(({ text }) => text)).toEqual(['🦊 ', 'Fox'])
})
