/** The clipboard, also where browsers give none: to pages that came without TLS from another machine. */

export async function copy(text: string): Promise<void> {
  if (isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const take = (event: ClipboardEvent): void => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", take);
  document.execCommand("copy"); // eslint-disable-line @typescript-eslint/no-deprecated -- there is no other way there
  document.removeEventListener("copy", take);
}
