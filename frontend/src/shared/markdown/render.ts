/** Markdown to safe HTML: no HTML of its own, no foreign pictures, links that open elsewhere and tell nobody. */
import MarkdownIt from 'markdown-it'

type State = Parameters<Parameters<InstanceType<typeof MarkdownIt>['core']['ruler']['push']>[1]>[0]

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true })
// A picture from elsewhere would tell its server who reads what, and when.
markdown.disable('image')
markdown.core.ruler.push('checklist', drawChecklist)
markdown.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet('target', '_blank')
  tokens[index]?.attrSet('rel', 'noopener noreferrer nofollow')
  return self.renderToken(tokens, index, options)
}

const BOX = /^\[([ xX])\]\s+/

/** Nothing comes back; list items that begin with `[ ]` or `[x]` begin with a checkbox that knows its line. */
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

export function rendered(text: string): string {
  return markdown.render(text)
}
