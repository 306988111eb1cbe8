import { expect, test } from 'vitest'
import { countries, guessHome } from './regionDefaults'

test('the time zone tells the country, the country the currency', () => {
  expect(guessHome(['en-US', 'de'], 'Europe/Berlin')).toEqual({
    country: 'DE', currency: 'EUR', language: 'en', time_zone: 'Europe/Berlin',
  })
})

test('otherwise the language does, or nobody knows', () => {
  expect(guessHome(['pt-BR'], 'America/Bahia')).toMatchObject({ country: 'BR', currency: 'BRL' })
  expect(guessHome(['eo'], 'Etc/UTC')).toMatchObject({ country: null, currency: null, language: 'eo' })
})

test('countries are listed by name, without what is none', () => {
  const list = countries('en')
  expect(list.length).toBeGreaterThan(230)
  expect(list.map(({ value }) => value)).toContain('DE')
  expect(list.map(({ value }) => value)).not.toContain('EU')
})
