import { expect, test } from 'vitest'
import { ref } from 'vue'
import { useSelection } from './selection'

const ORDER = [5, 4, 3, 2, 1]
const chosen = (selection: ReturnType<typeof useSelection>) => [...selection.ids.value].sort((a, b) => a - b)

test('one by one, and out again', () => {
  const selection = useSelection()
  selection.toggle(2)
  selection.toggle(4)
  expect(chosen(selection)).toEqual([2, 4])
  selection.toggle(2)
  expect(chosen(selection)).toEqual([4])
})

test('a range goes by what is shown, in either direction', () => {
  const selection = useSelection()
  selection.toggle(4)
  selection.toggle(2, ORDER)
  expect(chosen(selection)).toEqual([2, 3, 4])
  selection.toggle(3, ORDER)
  expect(chosen(selection)).toEqual([4])
})

test('extending only ever adds', () => {
  const selection = useSelection()
  selection.toggle(7)
  selection.extend(3, [9, 3, 5, 7, 1])
  expect(chosen(selection)).toEqual([3, 5, 7])
  selection.extend(5, [9, 3, 5, 7, 1])
  expect(chosen(selection)).toEqual([3, 5, 7])
  selection.clear()
  expect(selection.count.value).toBe(0)
})

test('where no row was chosen before, a range is that row alone', () => {
  const selection = useSelection()
  selection.extend(3, ORDER)
  expect(chosen(selection)).toEqual([3])
  selection.set([1, 2])
  selection.extend(2, ORDER)
  selection.toggle(5, ORDER)
  expect(chosen(selection)).toEqual([1, 2, 5])
})

test('what is gone is not chosen any more', () => {
  const there = ref([1, 2, 3].map((id) => ({ id })))
  const selection = useSelection()
  selection.set([1, 2])
  there.value = there.value.slice(1)
  expect(selection.chosenOf(there.value)).toEqual([{ id: 2 }])
})
