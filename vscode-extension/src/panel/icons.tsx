/** The icons, of VS Code's own set. They are drawn in the page: no font is loaded. */

import add from "@vscode/codicons/src/icons/add.svg";
import arrowDown from "@vscode/codicons/src/icons/arrow-down.svg";
import arrowRight from "@vscode/codicons/src/icons/arrow-right.svg";
import check from "@vscode/codicons/src/icons/check.svg";
import chevronDown from "@vscode/codicons/src/icons/chevron-down.svg";
import chevronRight from "@vscode/codicons/src/icons/chevron-right.svg";
import close from "@vscode/codicons/src/icons/close.svg";
import comments from "@vscode/codicons/src/icons/comment-discussion.svg";
import copy from "@vscode/codicons/src/icons/copy.svg";
import discard from "@vscode/codicons/src/icons/discard.svg";
import edit from "@vscode/codicons/src/icons/edit.svg";
import error from "@vscode/codicons/src/icons/error.svg";
import exported from "@vscode/codicons/src/icons/export.svg";
import file from "@vscode/codicons/src/icons/file.svg";
import fileCode from "@vscode/codicons/src/icons/file-code.svg";
import folder from "@vscode/codicons/src/icons/folder.svg";
import commit from "@vscode/codicons/src/icons/git-commit.svg";
import goToFile from "@vscode/codicons/src/icons/go-to-file.svg";
import history from "@vscode/codicons/src/icons/history.svg";
import info from "@vscode/codicons/src/icons/info.svg";
import layers from "@vscode/codicons/src/icons/layers.svg";
import library from "@vscode/codicons/src/icons/library.svg";
import link from "@vscode/codicons/src/icons/link-external.svg";
import selection from "@vscode/codicons/src/icons/list-selection.svg";
import unordered from "@vscode/codicons/src/icons/list-unordered.svg";
import loading from "@vscode/codicons/src/icons/loading.svg";
import mention from "@vscode/codicons/src/icons/mention.svg";
import note from "@vscode/codicons/src/icons/note.svg";
import pin from "@vscode/codicons/src/icons/pin.svg";
import pinned from "@vscode/codicons/src/icons/pinned.svg";
import question from "@vscode/codicons/src/icons/question.svg";
import references from "@vscode/codicons/src/icons/references.svg";
import refresh from "@vscode/codicons/src/icons/refresh.svg";
import search from "@vscode/codicons/src/icons/search.svg";
import send from "@vscode/codicons/src/icons/send.svg";
import sparkle from "@vscode/codicons/src/icons/sparkle.svg";
import stop from "@vscode/codicons/src/icons/primitive-square.svg";
import symbolClass from "@vscode/codicons/src/icons/symbol-class.svg";
import symbolMethod from "@vscode/codicons/src/icons/symbol-method.svg";
import symbolVariable from "@vscode/codicons/src/icons/symbol-variable.svg";
import sync from "@vscode/codicons/src/icons/sync.svg";
import trash from "@vscode/codicons/src/icons/trash.svg";
import verified from "@vscode/codicons/src/icons/verified.svg";
import warning from "@vscode/codicons/src/icons/warning.svg";
import type { ComponentChild } from "preact";

const DRAWINGS = {
  add, check, close, copy, discard, edit, error, export: exported, file, folder, history, info, layers, library, link,
  loading, mention, note, pin, pinned, question, references, refresh, search, selection, send, sparkle, stop, sync,
  trash, verified, warning,
  "arrow-down": arrowDown,
  "arrow-right": arrowRight,
  "chevron-down": chevronDown,
  "chevron-right": chevronRight,
  "comment-discussion": comments,
  "file-code": fileCode,
  "git-commit": commit,
  "go-to-file": goToFile,
  "list-unordered": unordered,
  "symbol-class": symbolClass,
  "symbol-method": symbolMethod,
  "symbol-variable": symbolVariable,
};

export type IconName = keyof typeof DRAWINGS;

const PATHS = new Map(
  Object.entries(DRAWINGS).map(([name, svg]) => [name, [...svg.matchAll(/\sd="([^"]+)"/g)].map((found) => found[1] ?? "")]),
);

/** Says nothing by itself: what it stands for is said by the words beside it, or by its button's label. */
export function Icon({ name, className = "" }: { name: IconName; className?: string }): ComponentChild {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {PATHS.get(name)?.map((path) => <path key={path} d={path} fill-rule="evenodd" clip-rule="evenodd" />)}
    </svg>
  );
}
