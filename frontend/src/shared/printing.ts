/** Whether the page is being printed: what is drawn only in sight is then drawn whole. */
import { readonly, ref } from 'vue'

const state = ref(false)
window.addEventListener('beforeprint', () => (state.value = true))
window.addEventListener('afterprint', () => (state.value = false))

export const isPrinting = readonly(state)
