/**
 * Parts of file names. Names are separated by `/`; on Windows by `\` too.
 *
 * No more than checkpoints, logs and models need: nothing is resolved against a working directory.
 */
import { isWindows } from '../nodeModules';

const separators = isWindows ? /[\\/]/ : /\//;

function lastSeparator(path: string): number {
  for (let i = path.length - 1; i >= 0; i--) if (separators.test(path[i])) return i;
  return -1;
}

/** The folder part of a path, without its last separator; '' when there is none. */
export function dirname(path: string): string {
  const at = lastSeparator(path);
  return at === 0 ? path[0] : path.slice(0, Math.max(at, 0));
}

/** What follows the last separator. */
export function basename(path: string): string {
  return path.slice(lastSeparator(path) + 1);
}

/** Two parts as one path. An absolute second part stands alone. */
export function joinPath(folder: string, name: string): string {
  if (folder === '' || isAbsolute(name)) return name;
  return separators.test(folder.at(-1)!) ? folder + name : `${folder}/${name}`;
}

/** Whether a path starts at a root, a drive or a scheme (`gs://…`). */
export function isAbsolute(path: string): boolean {
  return (
    path.startsWith('/') || /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(path) || (isWindows && /^([A-Za-z]:|\\)/.test(path))
  );
}

/** Whether a name that came out of a file is one plain name: no folder, no parent, no drive. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[\\/:\0]/.test(name);
}

/** The parts of a path between its separators, without `.` and with `..` taken back where it can be. */
function segments(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split(separators)) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}

/** A path as seen from a folder; both absolute, or both relative to the same place. */
export function relativePath(path: string, folder: string): string {
  const [to, from] = [segments(path), segments(folder)];
  let same = 0;
  while (same < to.length && same < from.length && to[same] === from[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/') || '.';
}
