/** The state of an import from file to result. Going back loses nothing. */
import { useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, ref, shallowRef } from 'vue'
import { useKeys } from '@/api/keys'
import { isProblem, Unreachable } from '@/api/problem'
import { contacts } from '@/contacts/api'
import { callOffImport, importFile, previewOf, type ImportResult, type Mapping, type OnDuplicate, type Preview, type PreviewColumn } from './api'

/** Files up to this size are previewed again with every change of the mapping. */
const LIVE_BYTES = 4_000_000
/** Tells the server that columns are identified by number. */
const NUMBERED: Mapping = { 1: null }

/** How often to wait for a running import of the company, perhaps our own aborted one. */
const PATIENCE = 8
const WAIT_MS = 1_500

export type Busy = 'reading' | 'checking' | 'importing'

export function useImport() {
  const queries = useQueryClient()
  const keys = useKeys()
  const file = shallowRef<File | null>(null)
  const preview = shallowRef<Preview | null>(null)
  const chosen = ref<Mapping>({})
  const isNumbered = ref(false)
  const onDuplicate = ref<OnDuplicate>('update')
  const checked = shallowRef<ImportResult | null>(null)
  const result = shallowRef<ImportResult | null>(null)
  const problem = shallowRef<unknown>(null)
  const busy = ref<Busy | null>(null)
  const sent = ref(0)
  /** The response to an import never arrived: only another check can tell whether it was done. */
  const isInDoubt = ref(false)
  const isCallingOff = ref(false)
  /** The last trial or import was called off, and nothing was written. */
  const isCalledOff = ref(false)
  let running = new AbortController()
  let isCheckWanted = false

  const mapping = computed<Mapping>(() => ({ ...(isNumbered.value ? NUMBERED : {}), ...chosen.value }))
  const isDirty = computed(() => file.value !== null && result.value === null)
  /** No column name is known: the first row is only taken for the header. */
  const isHeaderAssumed = computed(() => preview.value?.is_header_assumed === true)

  function keyOf(column: PreviewColumn, index: number): string {
    return isNumbered.value ? String(index + 1) : column.name
  }

  /** Returns the result; null when it failed (see `problem`) or was aborted. */
  async function during<Answer>(what: Busy, work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer | null> {
    running.abort()
    const mine = (running = new AbortController())
    busy.value = what
    problem.value = null
    isInDoubt.value = isCallingOff.value = isCalledOff.value = false
    sent.value = 0
    try {
      return await work(mine.signal)
    } catch (error) {
      isCalledOff.value = isProblem(error, 409) && error.code === 'import_called_off'
      if (!mine.signal.aborted && !isCalledOff.value) problem.value = error
      return null
    } finally {
      if (mine === running) busy.value = null
    }
  }

  const onSent = (part: number): void => void (sent.value = part)

  async function look(): Promise<boolean> {
    const known = file.value
    if (known === null) return false
    const found = await during('reading', (signal) => previewOf(known, mapping.value, { signal, onSent }))
    if (found) preview.value = found
    return found !== null
  }

  /** Returns whether the file could be read. */
  function take(taken: File): Promise<boolean> {
    reset()
    file.value = taken
    return look()
  }

  /** Reads the file again with its first row as a contact, or as the header. */
  async function countFirstRow(isContact: boolean): Promise<void> {
    isNumbered.value = isContact
    chosen.value = {}
    checked.value = null
    await look()
  }

  /** Maps the column to a field, or to none, and reads the file again. */
  async function map(key: string, field: string | null): Promise<void> {
    chosen.value = { ...chosen.value, [key]: field }
    checked.value = null
    if ((file.value?.size ?? 0) <= LIVE_BYTES) await look()
  }

  async function mapAsGuessed(): Promise<void> {
    chosen.value = {}
    checked.value = null
    await look()
  }

  function settleDuplicates(choice: OnDuplicate): void {
    onDuplicate.value = choice
    checked.value = null
  }

  const order = (known: File, isDryRun: boolean) => ({ file: known, mapping: mapping.value, onDuplicate: onDuplicate.value, isDryRun })

  /** Runs the dry run into `checked`; a request in the meantime runs it once more. */
  async function check(): Promise<void> {
    isCheckWanted = true
    if (busy.value === 'checking') return
    while (isCheckWanted) {
      isCheckWanted = false
      await checkOnce()
    }
  }

  async function checkOnce(): Promise<void> {
    const known = file.value
    if (known === null) return
    const answer = await during('checking', (signal) =>
      patiently(signal, () => importFile(order(known, true), { signal, onSent })),
    )
    if (answer && !isCheckWanted) checked.value = answer
  }

  /** Returns whether the import is done; `result` has its counts. */
  async function run(): Promise<boolean> {
    const known = file.value
    if (known === null) return false
    const answer = await during('importing', (signal) =>
      patiently(signal, () => importFile(order(known, false), { signal, onSent })),
    )
    if (answer === null) {
      isInDoubt.value = problem.value instanceof Unreachable
      if (isInDoubt.value) checked.value = null
      return false
    }
    result.value = answer
    for (const read of [contacts.collection, ...contacts.touches, 'search']) {
      void queries.invalidateQueries({ queryKey: keys.all(read) })
    }
    return true
  }

  /** Returns the rows with errors as they are in the file; null if they cannot be had. */
  async function rowsWithErrors(): Promise<ImportResult | null> {
    const known = file.value
    if (known === null) return null
    const { signal } = new AbortController()
    try {
      const ordered = { ...order(known, true), withRows: true }
      return await patiently(signal, () => importFile(ordered, { signal, onSent: () => undefined }))
    } catch {
      return null
    }
  }

  /** Aborts the request in flight. */
  function stop(): void {
    running.abort()
    busy.value = null
  }

  /** Calls off the trial or import: at once while the file is being sent, else when the server has ended it. */
  async function callOff(): Promise<void> {
    if (sent.value < 1) return stop()
    isCallingOff.value = true
    // Whether it came too late is said by the answer of the import itself.
    await callOffImport().catch(() => undefined)
  }

  function reset(): void {
    stop()
    file.value = preview.value = checked.value = result.value = problem.value = null
    chosen.value = {}
    isNumbered.value = false
    onDuplicate.value = 'update'
  }

  return reactive({
    file, preview, chosen, isNumbered, onDuplicate, checked, result, problem, busy, sent, isInDoubt, isCallingOff, isCalledOff, isDirty, isHeaderAssumed,
    keyOf, take, countFirstRow, map, mapAsGuessed, settleDuplicates, check, run, rowsWithErrors, callOff, stop, reset,
  })
}

async function patiently<Answer>(signal: AbortSignal, work: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      const isRunning = isProblem(error, 409) && error.code === 'import_running'
      if (!isRunning || attempt >= PATIENCE || signal.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
    }
  }
}

export type Import = ReturnType<typeof useImport>
