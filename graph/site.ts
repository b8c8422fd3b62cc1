/**
 * Where the user's code made an op: captured at creation, made readable only when asked for.
 *
 * The engine formats stack traces lazily, but each frame it holds costs time and memory, so few are taken: enough for
 * the functions of sluice above a single op and some of the user's, and more inside scopes that sluice opened. Whatever
 * nests deeper is built in a transaction of the graph, which captures one site for all its ops. Frames inside sluice are
 * left out of the text.
 */

/** Frames captured for a single op. */
const FRAMES = 8;

/** Frames that a scope adds. */
const SCOPE_FRAMES = 4;

/** Frames captured for all ops of one call. */
const SHARED_FRAMES = 16;

/** Holds an unformatted stack trace. */
export interface Site {
  readonly stack?: string;
  /** The call that led here, for ops made by a function which sluice called. */
  readonly within?: Site;
}

const native = Error as ErrorConstructor & { stackTraceLimit?: number };

let shared: Site | null = null;
let enclosing: Site | null = null;
let scopes = 0;

/** The current call stack; the text is made when `userFrames` reads it. */
export function captureSite(frames = FRAMES): Site {
  if (shared !== null) return shared;
  const limit = native.stackTraceLimit;
  native.stackTraceLimit = frames + scopes * SCOPE_FRAMES;
  try {
    const site = new Error() as Site & { within?: Site };
    if (enclosing !== null) site.within = enclosing;
    return site;
  } finally {
    native.stackTraceLimit = limit;
  }
}

/** All ops made until the returned function is called are of one call of the user, and share its site. */
export function shareSite(): () => void {
  const outer = shared;
  shared = captureSite(SHARED_FRAMES);
  return () => {
    shared = outer;
  };
}

/** Ops made inside are nobody's: those of a file, say, which no line of the user's made. */
export function withoutSite<R>(body: () => R): R {
  const outer = shared;
  shared = {};
  try {
    return body();
  } finally {
    shared = outer;
  }
}

/** Calls the body of a scope. */
export function insideScope<V, R>(body: (value: V) => R, value: V): R {
  scopes++;
  try {
    return body(value);
  } finally {
    scopes--;
  }
}

/** Calls a function of the user's: ops made inside have lines of their own, however deep sluice is. */
export function callUser<R>(body: () => R): R {
  const outer = [shared, enclosing, scopes] as const;
  enclosing = shared ?? enclosing;
  shared = null;
  scopes = 0;
  try {
    return body();
  } finally {
    [shared, enclosing, scopes] = outer;
  }
}

/** The file name of a stack line, and its `file:line:column`: V8's two kinds of lines, and that of other engines. */
function parseFrame(line: string): { file: string; at: string } | null {
  const text = line.trim();
  const pattern = text.startsWith('at ')
    ? text.endsWith(')')
      ? /^at .*? \((.+):(\d+):(\d+)\)$/
      : /^at (?:async )?(.+):(\d+):(\d+)$/
    : /^[^@]*@(.+):(\d+):(\d+)$/;
  const match = pattern.exec(text);
  return match ? { file: match[1], at: `${match[1]}:${match[2]}:${match[3]}` } : null;
}

/** The folder or bundle file that sluice itself runs from. */
const own = (() => {
  const here = parseFrame((new Error().stack ?? '').split('\n')[1] ?? '');
  if (!here) return null;
  const source = /^(.*[\\/])graph[\\/]site\.[tj]s$/.exec(here.file);
  return source
    ? { rooms: ['graph', 'lib', 'runtime'].map((room) => `${source[1]}${room}`), bundle: null }
    : { rooms: [], bundle: here.file };
})();

function isInternal(file: string): boolean {
  if (file.startsWith('node:') || file.includes('node:internal')) return true;
  if (!own) return false;
  return (
    file === own.bundle || own.rooms.some((room) => file.startsWith(room) && /^[\\/]/.test(file.slice(room.length)))
  );
}

/** The user's own frames, innermost first, as `file:line:column`. */
export function userFrames(site: Site | null): string[] {
  if (!site) return [];
  const lines = (site.stack ?? '').split('\n').slice(1);
  const frames = lines.map(parseFrame).flatMap((frame) => (frame && !isInternal(frame.file) ? [frame.at] : []));
  return frames.length > 0 ? frames : userFrames(site.within ?? null);
}
