/** How Nuxt UI's components look here: its theme, changed where the page's own look differs. Read by vite.config.ts. */

/** 13 px on 18: Tailwind's own steps have none between 12 and 14. */
const SMALL_TEXT = 'text-[0.8125rem]/[1.125rem]'
const MENU = 'bg-raised ring-line-2 rounded-[10px] shadow-3'

const button = {
  slots: { base: 'look-button rounded-lg whitespace-nowrap' },
  variants: {
    size: {
      xs: { base: `h-6 px-2 py-0 ${SMALL_TEXT}`, leadingIcon: 'size-3.5', trailingIcon: 'size-3.5' },
      sm: { base: `h-7 px-2.5 py-0 ${SMALL_TEXT}`, leadingIcon: 'size-4', trailingIcon: 'size-4' },
      md: { base: `h-8 px-3 py-0 ${SMALL_TEXT}`, leadingIcon: 'size-4', trailingIcon: 'size-4' },
      lg: { base: `h-9 px-3.5 py-0 ${SMALL_TEXT}`, leadingIcon: 'size-4', trailingIcon: 'size-4' },
    },
    loading: { true: { base: 'is-loading' } },
    variant: { ghost: { base: 'is-ghost' }, link: { base: 'is-ghost' } },
  },
  compoundVariants: [
    { color: 'primary', variant: 'solid', class: 'bg-acc text-on-acc font-semibold hover:bg-acc-h active:bg-acc-h disabled:bg-acc aria-disabled:bg-acc' },
    { color: 'primary', variant: 'soft', class: 'bg-acc-soft text-acc-t font-semibold hover:bg-acc-line active:bg-acc-line' },
    { color: 'error', variant: 'solid', class: 'bg-bad-soft text-bad font-semibold ring ring-inset ring-transparent hover:bg-bad-soft hover:ring-bad-solid active:bg-bad-soft' },
    { color: 'neutral', variant: 'outline', class: 'bg-card ring-line-2 text-t1 hover:bg-hover hover:ring-t3 dark:bg-raised' },
    { color: 'neutral', variant: 'ghost', class: 'text-t2 hover:text-t1 hover:bg-hover' },
    { color: 'neutral', variant: 'soft', class: 'bg-acc-soft text-acc-t hover:bg-acc-soft' },
    { size: 'xs', square: true, class: 'w-6 px-0 justify-center' },
    { size: 'sm', square: true, class: 'w-7 px-0 justify-center' },
    { size: 'md', square: true, class: 'w-8 px-0 justify-center' },
    { size: 'lg', square: true, class: 'w-9 px-0 justify-center' },
  ],
}

export const theme = {
  colors: { primary: 'indigo', neutral: 'slate' },
  button,
  modal: {
    slots: {
      overlay: 'bg-scrim',
      content: 'max-sm:top-auto max-sm:bottom-0 max-sm:left-0 max-sm:w-full max-sm:max-w-none max-sm:translate-x-0 max-sm:translate-y-0 max-sm:rounded-b-none max-sm:rounded-t-2xl bg-card divide-line',
      title: 'text-lead font-semibold',
      description: 'text-sm text-t2',
    },
    variants: {
      fullscreen: { false: { content: 'rounded-xl shadow-3 ring-line-2' } },
      overlay: { true: { overlay: 'bg-scrim' } },
    },
  },
  dropdownMenu: {
    slots: { content: MENU, label: 'font-normal text-t3', itemLabel: 'truncate' },
    variants: {
      size: {
        md: { label: `px-2 ${SMALL_TEXT}`, item: `min-h-8 items-center px-2 py-1 max-md:min-h-11 ${SMALL_TEXT}`, itemLeadingIcon: 'size-4', itemTrailingIcon: 'size-4' },
      },
      active: { false: { item: 'data-highlighted:before:bg-hover data-[state=open]:before:bg-hover dark:data-highlighted:before:bg-line dark:data-[state=open]:before:bg-line' } },
    },
  },
  switch: {
    slots: { thumb: 'bg-white', label: 'font-normal', description: 'text-s text-t3' },
    variants: { color: { primary: { base: 'data-[state=checked]:bg-acc' } } },
  },
}
