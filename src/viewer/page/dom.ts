/** A part of the page: making elements. Text is always set as text; nothing is ever parsed as markup. */

export type Attributes = { readonly [name: string]: string | number | undefined }
export type Dom = ReturnType<typeof makeDom>

export function makeDom() {
  function fill(element: Element, attributes: Attributes, children: readonly (Node | string)[]): void {
    for (const [name, value] of Object.entries(attributes))
      if (value !== undefined) element.setAttribute(name, String(value))
    for (const child of children)
      element.appendChild(typeof child === 'string' ? document.createTextNode(child) : child)
  }

  function html<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes,
    ...children: readonly (Node | string)[]
  ): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag)
    fill(element, attributes, children)
    return element
  }

  function svg<K extends keyof SVGElementTagNameMap>(
    tag: K,
    attributes: Attributes,
    ...children: readonly (Node | string)[]
  ): SVGElementTagNameMap[K] {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
    fill(element, attributes, children)
    return element
  }

  /** An element of the page's own markup, of the class that it has there. */
  function find<E extends Element>(id: string, type: { new (): E }): E {
    const element = document.getElementById(id)
    if (!(element instanceof type)) throw new Error(`the page has no ${id}`)
    return element
  }

  function replace(element: Element, ...children: readonly (Node | string)[]): void {
    element.replaceChildren(...children)
  }

  return { html, svg, find, replace }
}
