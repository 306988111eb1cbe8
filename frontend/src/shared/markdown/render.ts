/** Renders Markdown to safe HTML: no raw HTML, no remote images, links that open in a new tab without a referrer; people by name. */
import MarkdownIt from 'markdown-it'

type State = Parameters<Parameters<InstanceType<typeof MarkdownIt>['core']['ruler']['push']>[1]>[0]

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })
// A remote image would tell its server who reads the text, and when.
markdown.disable('image')
markdown.core.ruler.push('checklist', drawChecklist)
markdown.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('target', '_blank')
  tokens[index]?.attrSet('rel', 'noopener noreferrer nofollow')
  return self.renderToken(tokens, index, options)
}

/** Who the people are that a text names. */
export interface Naming {
  nameOf: (id: string) => string
  isMe?: (id: string) => boolean
}

const MENTION = /@\[(u_[a-z2-7]{26})\]/y

markdown.inline.ruler.before('link', 'mention', (state, isSilent) => {
  MENTION.lastIndex = state.pos
  const [written, id] = MENTION.exec(state.src) ?? []
  if (written === undefined || id === undefined) return false
  if (!isSilent) state.push('mention', '', 0).content = id
  state.pos += written.length
  return true
})
markdown.renderer.rules.mention = (tokens, index, _options, env) => {
  const naming = env as Partial<Naming> | undefined
  const id = tokens[index]?.content ?? ''
  const name = markdown.utils.escapeHtml(naming?.nameOf?.(id) ?? '?')
  return `<span class="mention${naming?.isMe?.(id) ? ' is-me' : ''}">@${name}</span>`
}

const BOX = /^\[([ xX])\]\s+/

/** Turns list items that begin with `[ ]` or `[x]` into checkboxes that know their line. */
function drawChecklist(state: State): void {
  state.tokens.forEach((token, index) => {
    const isInItem = state.tokens[index - 2]?.type === 'list_item_open'
    const found = token.type === 'inline' && isInItem ? BOX.exec(token.content) : null
    const first = token.children?.[0]
    if (!found || !first) return
    first.content = first.content.replace(BOX, '')
    const box = new state.Token('html_inline', '', 0)
    const label = state.md.utils.escapeHtml(token.content.replace(BOX, ''))
    const checked = found[1] === ' ' ? '' : ' checked'
    box.content = `<input type="checkbox" data-line="${token.map?.[0] ?? 0}" aria-label="${label}"${checked}>`
    token.children?.unshift(box)
    state.tokens[index - 2]?.attrJoin('class', 'checklist-item')
  })
}

export function rendered(text: string, naming?: Naming): string {
  return markdown.render(text, { ...naming })
}
