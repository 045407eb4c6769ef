/** Paths of the index and paths of the editor. The index names files from the repository's real folder. */

import * as path from "node:path";

/** A folder that the editor has open, and where it really is. */
export interface Folder {
  path: string;
  real: string;
}

/** The file as the editor knows it, or null where it would be outside the repository. */
export function fileOf(base: string, file: string, folders: readonly Folder[]): string | null {
  const whole = path.resolve(base, file);
  if (!inside(base, whole)) {
    return null;
  }
  const folder = folders.find((one) => one.path !== one.real && inside(one.real, whole));
  return folder ? path.join(folder.path, path.relative(folder.real, whole)) : whole;
}

/** The path from the repository's folder, with slashes, or null where the file is outside. */
export function pathOf(base: string, file: string, folders: readonly Folder[]): string | null {
  const folder = folders.find((one) => inside(one.path, file));
  const whole = folder ? path.join(folder.real, path.relative(folder.path, file)) : file;
  return inside(base, whole) && whole !== base ? path.relative(base, whole).split(path.sep).join("/") : null;
}

export function inside(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}
