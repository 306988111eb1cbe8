/** Optimistic writes: shown at once, rolled back when refused, undoable. */
import { useQueryClient } from '@tanstack/vue-query'
import { useI18n } from 'vue-i18n'
import { useKeys } from '@/api/keys'
import { isProblem } from '@/api/problem'
import { attempt } from '@/shared/attempt'
import { useNotices } from '@/shared/notices'
import { remember, type TakeBack } from '@/shared/undo'
import { useBatchUndo } from './batches'
import { changeEverywhere, rollBack, snapshot, type Snapshot } from './caches'
import { askWhichVersion } from './conflicts'
import { changedWords, createdWords } from './doneWords'
import { etagOf, rememberEtag } from './etags'
import { inTurn } from './turns'
import type { EntityApi, Row } from '@/api/entityApi'

export interface ChangeOptions {
  /** The notice shown on success, with an undo. Ctrl+Z takes it back with and without a notice. */
  done?: string
}

/** How many rows the server takes in one bulk request. */
const PORTION = 1_000

export function useRecords<Item extends Row, Draft, Patch extends object, Query extends object>(
  entity: EntityApi<Item, Draft, Patch, Query>,
) {
  const queries = useQueryClient()
  const keys = useKeys()
  const notices = useNotices()
  const batches = useBatchUndo()
  const { t, te } = useI18n()
  const all = () => keys.all(entity.collection)

  async function touch(isMembershipChanged: boolean): Promise<void> {
    const along = isMembershipChanged ? entity.cascade : []
    const others = [...entity.touches, ...along]
    await Promise.all([
      queries.invalidateQueries({ queryKey: all(), refetchType: isMembershipChanged ? 'active' : 'none' }),
      ...others.map((other) => queries.invalidateQueries({ queryKey: keys.all(other) })),
    ])
  }

  /** Rolls back at once, then refetches: other fields may have changed in the meantime. */
  function giveUp(kept: Snapshot): void {
    rollBack(queries, kept)
    void touch(true)
  }

  function replace(item: Item): void {
    changeEverywhere<Item>(queries, all(), new Set([item.id]), (before) => ({ ...before, ...item }))
  }

  /** Says what was done, if something is to be said; Ctrl+Z can take it back in any case. */
  function say(title: string | undefined, takeBack: TakeBack, what: string): void {
    if (title === undefined) remember(what, takeBack)
    else notices.done(title, takeBack, what)
  }

  /** Returns the new item. Throws `ApiProblem`, which the caller shows. */
  async function create(draft: Draft, options: ChangeOptions = {}): Promise<Item> {
    const { data, etag } = await entity.create(draft)
    rememberEtag(entity.collection, data, etag)
    queries.setQueryData(keys.item(entity.collection, data.id), data)
    void touch(true)
    say(options.done, () => takeBackCreation(data), createdWords(entity.collection, data, t))
    return data
  }

  const takeBackCreation = (item: Item): Promise<boolean> => attempt(notices, () => entity.remove(item.id), () => touch(true))

  /**
   * Returns whether the change is settled: saved, or resolved in favour of the other version. Throws a 422 for the
   * field to show; asks the person about a newer version (412); shows a notice and rolls back for any other
   * failure.
   */
  async function change(item: Item, patch: Patch, options: ChangeOptions = {}): Promise<boolean> {
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set([item.id]), (before) => ({ ...before, ...patch }))
    try {
      const { data, etag } = await inTurn(entity.collection, item, (base) => entity.change(item.id, patch, etagOf(entity.collection, base)))
      changed(data, etag)
      say(options.done, () => takeBackChange(item, data, patch), changedWords(entity.collection, item, patch, { t, te }))
      return true
    } catch (error) {
      giveUp(kept)
      if (isProblem(error, 412)) return settleConflict(error.current as Item, patch)
      if (isProblem(error, 422)) throw error
      notices.failed(error)
      return false
    }
  }

  /** Puts back the values that nobody has changed since. Returns whether there were any. */
  async function takeBackChange(before: Item, written: Item, patch: Patch): Promise<boolean> {
    try {
      const now = etagOf(entity.collection, written) === undefined ? await readAgain(written.id) : written
      const back = untouched(inverse(before, patch), written, now)
      if (Object.keys(back).length > 0) return await change(now, back)
      notices.told(t('changes.changed_since'), changedWords(entity.collection, before, patch, { t, te }))
    } catch (error) {
      notices.failed(error)
    }
    return false
  }

  async function readAgain(id: number): Promise<Item> {
    const { data, etag } = await entity.read(id)
    rememberEtag(entity.collection, data, etag)
    replace(data)
    return data
  }

  async function settleConflict(current: Item, patch: Patch): Promise<boolean> {
    replace(current)
    if ((await askWhichVersion(patch, current)) === 'theirs') return true
    return change(await readAgain(current.id), patch)
  }

  function changed(item: Item, etag: string | null): void {
    rememberEtag(entity.collection, item, etag)
    replace(item)
    void touch(false)
  }

  /** Moves the items to the trash and shows a notice with an undo. `onDone` hears how many are done so far. */
  async function remove(items: readonly Item[], done: string, onDone?: (count: number) => void): Promise<void> {
    const ids = items.map((item) => item.id)
    const [only] = ids
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set(ids), () => null)
    const work = async (portion: readonly number[]): Promise<number | null> =>
      only !== undefined && ids.length === 1 ? entity.remove(only) : ((await entity.bulk({ delete: [...portion] })).batch_id ?? null)
    const made = await inPortions(ids, work, onDone)
    if (made.error !== null) giveUp(kept)
    else void touch(true)
    // A single row without anything below it is no batch.
    tell(made, done, made.batches.length === 0 ? () => restore(ids) : undefined)
  }

  function restore(ids: readonly number[]): Promise<boolean> {
    return attempt(
      notices,
      () => (ids.length === 1 ? entity.restore(ids[0] as number) : entity.bulk({ restore: [...ids] })),
      () => touch(true),
    )
  }

  /** Returns whether all items were changed; `patchOf` gives the patch of each. */
  async function changeMany(items: readonly Item[], patchOf: (item: Item) => Patch, done: string, onDone?: (count: number) => void): Promise<boolean> {
    const patches = new Map(items.map((item) => [item.id, patchOf(item)]))
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set(patches.keys()), (before) => ({ ...before, ...patches.get(before.id) }))
    const work = async (portion: readonly [number, Patch][]): Promise<number | null> => {
      const { updated, batch_id } = await entity.bulk({ update: portion.map(([id, patch]) => ({ ...patch, id })) })
      updated.forEach(replace)
      return batch_id ?? null
    }
    const made = await inPortions([...patches], work, onDone)
    if (made.error !== null) giveUp(kept)
    else void touch(false)
    tell(made, done)
    return made.error === null
  }

  /** What was done of a big click before it failed, and the batches to undo it by. */
  interface Made {
    batches: readonly number[]
    error: unknown
  }

  async function inPortions<Part>(parts: readonly Part[], work: (portion: readonly Part[]) => Promise<number | null>, onDone?: (count: number) => void): Promise<Made> {
    const batches: number[] = []
    try {
      for (let start = 0; start < parts.length; start += PORTION) {
        const batch = await work(parts.slice(start, start + PORTION))
        if (batch !== null) batches.push(batch)
        onDone?.(Math.min(start + PORTION, parts.length))
      }
      return { batches, error: null }
    } catch (error) {
      return { batches, error }
    }
  }

  /** Says what was done, also where a later portion was refused. */
  function tell({ batches: made, error }: Made, done: string, takeBack: TakeBack = () => batches.undo(made)): void {
    if (error !== null) notices.failed(error)
    if (error === null) notices.done(done, takeBack)
    else if (made.length > 0) notices.done(t('changes.partly_done'), takeBack)
  }

  /** Runs a server action that returns the item, showing `patch` in the meantime. */
  async function act(item: Item, patch: Partial<Item>, action: () => Promise<Item>, options: ChangeOptions & { undo?: TakeBack } = {}): Promise<boolean> {
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set([item.id]), (before) => ({ ...before, ...patch }))
    try {
      changed(await action(), null)
      if (options.undo) say(options.done, options.undo, changedWords(entity.collection, item, patch, { t, te }))
      else if (options.done !== undefined) notices.done(options.done)
      return true
    } catch (error) {
      giveUp(kept)
      notices.failed(error)
      return false
    }
  }

  return { create, change, changeMany, remove, restore, act, refresh: () => touch(true) }
}

/** Returns the previous values of the patched fields. */
function inverse<Patch extends object>(item: object, patch: Patch): Patch {
  const before = item as Record<string, unknown>
  return Object.fromEntries(Object.keys(patch).map((name) => [name, before[name] ?? null])) as Patch
}

/** Returns those of the values whose fields are still as they were written. */
function untouched<Patch extends object>(back: Patch, written: object, now: object): Patch {
  const [then, current] = [written, now] as Record<string, unknown>[]
  const isUntouched = (name: string): boolean => JSON.stringify(then?.[name]) === JSON.stringify(current?.[name])
  return Object.fromEntries(Object.entries(back).filter(([name]) => isUntouched(name))) as Patch
}
