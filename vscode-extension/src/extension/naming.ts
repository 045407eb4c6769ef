/** The server speaks of the environment, as one has it in a terminal. Here there are settings and a command for it. */

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\bOPENAI_BASE_URL\b/g, "the setting memls.baseUrl"],
  [/\bOPENAI_API_KEY\b/g, "the key (memls: Set API Key)"],
  [/(?:--model or )?\bMEMLS_MODEL\b/g, "the setting memls.model"],
  [/\bMEMLS_WINDOW\b/g, "the setting memls.window"],
];

/** A message, with what it names called as it is called here. */
export function asCalledHere(message: string): string {
  return NAMES.reduce((text, [name, here]) => text.replace(name, here), message);
}
