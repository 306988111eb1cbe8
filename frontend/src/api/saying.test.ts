import { afterEach, beforeEach, expect, test } from 'vitest'
import { i18n, speak } from '@/i18n'
import { ApiProblem } from './problem'
import { OWN_WORDS, refusalOf, sayingOf } from './saying'

beforeEach(() => speak('de'))
afterEach(() => speak('en'))

test('in German the sentence is chosen by the code', () => {
  expect(sayingOf({ code: 'invalid_email', detail: 'This is not an e-mail address.' })).toBe('Das ist keine E-Mail-Adresse.')
  expect(refusalOf({ code: 'forbidden', detail: 'Your role does not allow this.' }, 403)).toBe('Dazu fehlt Ihnen die Berechtigung.')
})

test('the number of the sentence is kept', () => {
  expect(sayingOf({ code: 'too_long', detail: 'At most 10000 characters are allowed.' })).toBe('Höchstens 10.000 Zeichen sind erlaubt.')
  expect(sayingOf({ code: 'out_of_range', detail: 'This must be at most 2,147.5.' })).toContain('2.147,5')
  expect(sayingOf({ code: 'too_long', detail: 'The line is too long.' })).toBe('Das ist zu lang.')
  expect(sayingOf({ code: 'out_of_range', detail: 'A number must be between -(2^53 - 1) and 2^53 - 1.' })).not.toMatch(/\d/)
})

test('where in an archive it is is kept', () => {
  expect(sayingOf({ code: 'required', detail: 'contacts.jsonl, line 3: This is required.' })).toBe('contacts.jsonl, Zeile 3: Hier fehlt eine Angabe.')
})

test('what the page has said itself stays', () => {
  expect(sayingOf({ code: OWN_WORDS, detail: 'Etwa 1 h 30' })).toBe('Etwa 1 h 30')
})

test('an unknown code is never English', () => {
  expect(sayingOf({ code: 'int_from_float', detail: 'Input should be a valid integer' })).toBe('Dieser Wert wird nicht angenommen.')
  expect(refusalOf({ detail: 'Bad Gateway' }, 502)).toBe('Der Server hat das abgelehnt (Fehler 502).')
})

test('a problem document speaks German throughout', () => {
  const problem = new ApiProblem(422, {
    code: 'invalid_input', detail: 'The input has errors.',
    errors: [{ pointer: '/name', code: 'required', detail: 'This must not be empty.' }],
  })
  expect(problem.message).toBe('Die Eingaben enthalten Fehler.')
  expect(problem.errorAt('/name')?.detail).toBe('Hier fehlt eine Angabe.')
})

test('in English the server speaks for itself', async () => {
  await speak('en')
  expect(sayingOf({ code: 'required', detail: 'A contact needs a name.' })).toBe('A contact needs a name.')
  expect(sayingOf({ code: 'required' })).toBe(i18n.global.t('problems.required'))
})
