import { expect, test } from 'vitest'
import { parseTime } from './time'

test.each([
  ['9', '09:00'], ['9:30', '09:30'], ['930', '09:30'], ['1430', '14:30'], ['14.30', '14:30'], ['2 pm', '14:00'], ['12am', '00:00'], ['12 pm', '12:00'], ['14 Uhr', '14:00'],
])('%s is %s', (text, time) => expect(parseTime(text)).toBe(time))

test.each(['', '25', '9:75', '13 pm', 'noon', '12345'])('“%s” is no time', (text) => expect(parseTime(text)).toBeNull())
