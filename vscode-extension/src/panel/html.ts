/** The panel's page: one script and one style sheet of ours, and nothing else that could run or be loaded. */

export interface Resources {
  nonce: string;
  /** Where the style sheet may come from, in words of the policy. */
  source: string;
  script: string;
  style: string;
}

/**
 * No image, font, frame, form or connection: what the panel shows, it has in its script. Styles that the panel sets
 * by itself go through the object model, which the policy leaves alone.
 */
export function policy(nonce: string, source: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source} 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

export function html({ nonce, source, script, style }: Resources): string {
  const of = (text: string): string =>
    text.replace(/[&"<>]/g, (mark) => ({ "&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;" })[mark] ?? "");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${of(policy(nonce, source))}">
<title>memls</title>
<link rel="stylesheet" nonce="${of(nonce)}" href="${of(style)}">
</head>
<body>
<div id="root"></div>
<script nonce="${of(nonce)}" src="${of(script)}"></script>
</body>
</html>
`;
}
