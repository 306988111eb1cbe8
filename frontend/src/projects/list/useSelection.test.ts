import { expect, test } from 'vitest'
import { ref } from 'vue'
import { aTask } from '@/test/tasks'
import { useSelection } from './useSelection'

const all = [1, 2, 3, 4, 5].map((id) => aTask({ id }))
const shown = () => [5, 4, 3, 2, 1]
const chosen = (selection: ReturnType<typeof useSelection>) => selection.tasks.value.map((task) => task.id)

test('one by one, and out again', () => {
  const selection = useSelection(() => all, shown)
  selection.toggle(2, false)
  selection.toggle(4, false)
  expect(chosen(selection)).toEqual([2, 4])
  selection.toggle(2, false)
  expect(chosen(selection)).toEqual([4])
})

test('a range goes by what is shown, in either direction', () => {
  const selection = useSelection(() => all, shown)
  selection.toggle(4, false)
  selection.toggle(2, true)
  expect(chosen(selection)).toEqual([2, 3, 4])
  selection.toggle(3, true)
  expect(chosen(selection)).toEqual([4])
})

test('what is gone is not chosen any more', () => {
  const there = ref(all)
  const selection = useSelection(() => there.value, shown)
  selection.set([1, 2])
  there.value = all.slice(1)
  expect(chosen(selection)).toEqual([2])
})
