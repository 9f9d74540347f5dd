/**
 * The frame of a self-contained page: no network, and a content security policy that admits the page's own script
 * and style alone. Everything that comes from a run is data: it is embedded as JSON in which no tag can begin, and
 * is put into the document as text.
 */
import { toHex } from '../core/bytes.ts'
import { defaultBackend } from '../crypto/index.ts'

export interface PageInit {
  readonly title: string
  readonly style: string
  /** Runs at the end of the body; reads its data with `JSON.parse(document.getElementById('data').textContent)`. */
  readonly script: string
  /** Trusted markup, without anything from a run in it. */
  readonly body: string
  readonly data: unknown
}

export function htmlPage({ title, style, script, body, data }: PageInit): string {
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
<script type="application/json" id="data">${embedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

/** JSON that cannot end the script element it stands in; byte strings are `{"hex": "..."}`. */
function embedJson(value: unknown): string {
  const json = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? { hex: toHex(inner) } : inner
  )
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

function hashOf(text: string): string {
  const digest = defaultBackend.sha256(new TextEncoder().encode(text))
  return `'sha256-${btoa(String.fromCharCode(...digest))}'`
}
