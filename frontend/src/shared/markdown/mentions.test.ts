import { expect, test } from 'vitest'
import { asKept, asWritten, mentionAt, peopleLike, toldApart } from './mentions'
import { rendered } from './render'

const ADA = { id: `u_${'a'.repeat(26)}`, name: 'Ada Berg' }
const ADAM = { id: `u_${'b'.repeat(26)}`, name: 'Ada Berg-Lind' }
const JOSE = { id: `u_${'c'.repeat(26)}`, name: 'José M. (Lead)' }
const PEOPLE = [ADA, ADAM, JOSE]

test('names become ids, and names again', () => {
  const text = 'Ask @Ada Berg, @Ada Berg-Lind and @José M. (Lead).'
  const kept = asKept(text, PEOPLE)
  expect(kept).toBe(`Ask @[${ADA.id}], @[${ADAM.id}] and @[${JOSE.id}].`)
  expect(asWritten(kept, PEOPLE)).toBe(text)
})

test.each(['mail@Ada Berg', '@Ada Bergmann', '@ada', 'Ada Berg'])('%j names nobody', (text) => expect(asKept(text, PEOPLE)).toBe(text))

test('who is unknown stays an id', () => {
  const kept = `@[u_${'d'.repeat(26)}]`
  expect(asKept(asWritten(kept, PEOPLE), PEOPLE)).toBe(kept)
})

test.each([
  ['@', ''], ['Wants a quote by Friday @Ad', 'Ad'], ['(@ada b', 'ada b'], ['mail@ada', undefined], ['@ada berg now', undefined], ['no', undefined],
])('in %j is typed %j', (text, typed) => expect(mentionAt(text, text.length)?.typed).toBe(typed))

test('any of the names is enough, whatever its accents', () => {
  expect(peopleLike('jose', PEOPLE)).toEqual([JOSE])
  expect(peopleLike('lind', PEOPLE)).toEqual([ADAM])
  expect(peopleLike('', PEOPLE)).toHaveLength(3)
  expect(peopleLike('erg', PEOPLE)).toEqual([])
})

test('two people of one name are told apart', () => {
  const two = toldApart([{ ...ADA, detail: 'ada@example.com' }, { ...JOSE, name: 'Ada Berg', detail: 'ab@example.com' }])
  expect(two.map(({ name }) => name)).toEqual(['Ada Berg (ada@example.com)', 'Ada Berg (ab@example.com)'])
})

test('who is named is shown by their name of today, as text', () => {
  const html = rendered(`Hello @[${ADA.id}], and @[me]`, { nameOf: () => '<b>Ada</b>' })
  expect(html).toContain('<span class="mention">@&lt;b&gt;Ada&lt;/b&gt;</span>')
  expect(html).toContain('@[me]')
  expect(rendered(`@[${ADA.id}]`, { nameOf: () => 'Ada', isMe: () => true })).toContain('class="mention is-me"')
})
