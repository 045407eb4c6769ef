/** What a tab keeps over a reload. */

const PREFIX = "memls ";

export function kept(key: string): string {
  return sessionStorage.getItem(PREFIX + key) ?? "";
}

export function keep(key: string, value: string): void {
  try {
    sessionStorage.setItem(PREFIX + key, value);
  } catch {
    // There is no room, or the browser keeps nothing: a reload begins anew then.
  }
}

export function forget(key: string): void {
  sessionStorage.removeItem(PREFIX + key);
}
