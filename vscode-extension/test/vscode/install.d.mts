export const CODE_SERVER: string;
export const PROJECT: string;
export const CACHE: string;
export function install(python: string, say?: (line: string) => void): { node: string; codeServer: string; project: string };
