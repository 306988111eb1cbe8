import { beforeEach, expect, test } from 'vitest'
import { nextTick } from 'vue'
import { useColumns, type TableColumn } from './columns'

const ALL: TableColumn<'name' | 'email' | 'city'>[] = [
  { key: 'name', label: 'x', width: '1fr', isFixed: true },
  { key: 'email', label: 'x', width: '1fr' },
  { key: 'city', label: 'x', width: '1fr' },
]

beforeEach(() => localStorage.clear())

test('chosen columns stay chosen, for this person', async () => {
  const mine = useColumns('things', ALL, ['email', 'city'], 'u_1')
  mine.shift('city', -1)
  mine.toggle('email')
  await nextTick()
  expect(mine.columns.value.map(({ key }) => key)).toEqual(['name', 'city'])
  expect(useColumns('things', ALL, ['email'], 'u_1').columns.value.map(({ key }) => key)).toEqual(['name', 'city'])
  expect(useColumns('things', ALL, ['email'], 'u_2').columns.value.map(({ key }) => key)).toEqual(['name', 'email'])
})

test('the first column cannot be pushed off its place', () => {
  const { chosen, shift } = useColumns('others', ALL, ['email', 'city'], 'u_1')
  shift('email', -1)
  expect(chosen.value).toEqual(['email', 'city'])
})
