import type { Ref } from 'vue'

/** Empties the draft while it is saved, so that the next one can be typed; one that was not saved comes back unless it was. */
export async function clearing(draft: Ref<string>, save: () => Promise<boolean>): Promise<void> {
  const text = draft.value
  draft.value = ''
  const isSaved = await save()
  if (!isSaved && draft.value === '') draft.value = text
}
