/** Light or dark, as the reader's system is: the panel's own colours go by the classes that VS Code sets. */

export function followScheme(): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = (): void => {
    document.body.classList.toggle("vscode-dark", dark.matches);
    document.body.classList.toggle("vscode-light", !dark.matches);
  };
  dark.addEventListener("change", follow);
  follow();
}
