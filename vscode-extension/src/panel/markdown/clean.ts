/**
 * From HTML in a string to a tree that is safe to show.
 *
 * The parser escapes all that it did not write itself; this is the second lock. The tree that it gives is never put
 * into the page: it is read, and drawn anew with elements of the panel.
 */

import createDOMPurify from "dompurify";

const purify = createDOMPurify(window);

const TAGS = [
  "p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "strong", "em", "s", "code",
  "pre", "a", "table", "thead", "tbody", "tr", "th", "td", "cite", "span",
];

export function clean(html: string): DocumentFragment {
  return purify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "title", "class", "start", "data-path", "data-start", "data-end"],
    ADD_URI_SAFE_ATTR: ["start", "data-path", "data-start", "data-end"],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
    KEEP_CONTENT: true,
    RETURN_DOM_FRAGMENT: true,
  });
}
