/** Optimistic writes: shown at once, rolled back when refused, undoable. */
import { useQueryClient } from '@tanstack/vue-query'
import { useKeys } from '@/api/keys'
import { isProblem } from '@/api/problem'
import { useNotices } from '@/shared/notices'
import { changeEverywhere, rollBack, snapshot, type Snapshot } from './caches'
import { askWhichVersion } from './conflicts'
import { etagOf, rememberEtag } from './etags'
import type { EntityApi, Row } from '@/api/entityApi'

export interface ChangeOptions {
  /** The notice shown on success, with an undo; none without it. */
  done?: string
}

export function useRecords<Item extends Row, Draft, Patch extends object, Query extends object>(
  entity: EntityApi<Item, Draft, Patch, Query>,
) {
  const queries = useQueryClient()
  const keys = useKeys()
  const notices = useNotices()
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

  /** Returns the new item. Throws `ApiProblem`, which the caller shows. */
  async function create(draft: Draft): Promise<Item> {
    const { data, etag } = await entity.create(draft)
    rememberEtag(entity.collection, data, etag)
    queries.setQueryData(keys.item(entity.collection, data.id), data)
    void touch(true)
    return data
  }

  /**
   * Returns whether the change is settled: saved, or resolved in favour of the other version. Throws a 422 for the
   * field to show; asks the person about a newer version (412); shows a notice and rolls back for any other
   * failure.
   */
  async function change(item: Item, patch: Patch, options: ChangeOptions = {}): Promise<boolean> {
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set([item.id]), (before) => ({ ...before, ...patch }))
    try {
      const { data, etag } = await entity.change(item.id, patch, etagOf(entity.collection, item))
      changed(data, etag)
      if (options.done !== undefined) notices.done(options.done, () => change(data, inverse(item, patch)))
      return true
    } catch (error) {
      giveUp(kept)
      if (isProblem(error, 412)) return settleConflict(error.current as Item, patch)
      if (isProblem(error, 422)) throw error
      notices.failed(error)
      return false
    }
  }

  async function settleConflict(current: Item, patch: Patch): Promise<boolean> {
    replace(current)
    if ((await askWhichVersion(patch, current)) === 'theirs') return true
    const fresh = await entity.read(current.id)
    rememberEtag(entity.collection, fresh.data, fresh.etag)
    return change(fresh.data, patch)
  }

  function changed(item: Item, etag: string | null): void {
    rememberEtag(entity.collection, item, etag)
    replace(item)
    void touch(false)
  }

  /** Moves the items to the trash and shows a notice with an undo. */
  async function remove(items: readonly Item[], done: string): Promise<void> {
    const ids = items.map((item) => item.id)
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set(ids), () => null)
    try {
      await (ids.length === 1 ? entity.remove(ids[0] as number) : entity.bulk({ delete: ids }))
      void touch(true)
      notices.done(done, () => restore(ids))
    } catch (error) {
      giveUp(kept)
      notices.failed(error)
    }
  }

  async function restore(ids: readonly number[]): Promise<void> {
    try {
      await (ids.length === 1 ? entity.restore(ids[0] as number) : entity.bulk({ restore: [...ids] }))
    } catch (error) {
      notices.failed(error)
    }
    await touch(true)
  }

  /** Returns whether all items were changed; `patchOf` gives the patch of each. */
  async function changeMany(items: readonly Item[], patchOf: (item: Item) => Patch, done: string): Promise<boolean> {
    const patches = new Map(items.map((item) => [item.id, patchOf(item)]))
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set(patches.keys()), (before) => ({ ...before, ...patches.get(before.id) }))
    try {
      const update = [...patches].map(([id, patch]) => ({ ...patch, id }))
      const { updated } = await entity.bulk({ update })
      updated.forEach(replace)
      void touch(false)
      const backTo = new Map(items.map((item) => [item.id, inverse(item, patches.get(item.id) ?? {})]))
      notices.done(done, async () => {
        await changeMany(updated, (item) => (backTo.get(item.id) ?? {}) as Patch, done)
        // Other rows may have come, or gone, with these.
        await touch(true)
      })
      return true
    } catch (error) {
      giveUp(kept)
      notices.failed(error)
      return false
    }
  }

  /** Runs a server action that returns the item, showing `patch` in the meantime. */
  async function act(item: Item, patch: Partial<Item>, action: () => Promise<Item>, options: ChangeOptions & { undo?: () => Promise<unknown> } = {}): Promise<boolean> {
    const kept = snapshot(queries, all())
    changeEverywhere<Item>(queries, all(), new Set([item.id]), (before) => ({ ...before, ...patch }))
    try {
      changed(await action(), null)
      if (options.done !== undefined) notices.done(options.done, options.undo)
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
