/**
 * Where the user's code made an op: captured at creation, made readable only when asked for.
 *
 * Walking the stack costs more than all else that building an op does, by the frame, and a captured stack is larger than
 * the op. So few frames are taken, more only while none of them is the user's; a scope's body, which is the user's, has a
 * site of its own, and what sluice builds in one transaction of the graph shares one. Ops made by the same calls share one
 * site, where the engine can tell. Frames inside sluice are left out of the text.
 */

/** Frames taken at first (an op function takes three or four), then, while none is the user's, more. */
const DEPTHS = [6, 16, 64];

/** Holds an unformatted stack trace. */
export interface Site {
  readonly stack?: string;
  /** The call that led here, for ops made by a function which sluice called. */
  readonly within?: Site;
}

/** A frame as V8 shows it to `Error.prepareStackTrace`. */
interface CallSite {
  getPosition(): number;
  getScriptNameOrSourceURL(): string | null;
}

const native = Error as ErrorConstructor & {
  stackTraceLimit?: number;
  prepareStackTrace?: (error: Error, frames: readonly CallSite[]) => unknown;
};

let shared: Site | null = null;
let enclosing: Site | null = null;

/** The current call stack; the text is made when `userFrames` reads it. */
export function captureSite(): Site {
  if (shared !== null) return shared;
  const { stackTraceLimit, prepareStackTrace } = native;
  let site: Site | null = null;
  for (let i = 0; site === null && i < DEPTHS.length; i++) {
    native.stackTraceLimit = DEPTHS[i];
    if (canCompare) {
      // What the engine would call to format the trace shows its frames without making any text.
      native.prepareStackTrace = findKnown;
      const found = new Error().stack as unknown as Known | null;
      native.prepareStackTrace = prepareStackTrace;
      site = found === null ? newSite(i === DEPTHS.length - 1) : found.site;
    } else if (i === DEPTHS.length - 1) site = newSite(true);
  }
  native.stackTraceLimit = stackTraceLimit;
  return site!;
}

/** A site of the current stack, or null if no frame of it is the user's and there may be more. */
function newSite(isDeepest: boolean): Site | null {
  const isComplete = latest.length < native.stackTraceLimit!;
  // This function is a frame more.
  native.stackTraceLimit!++;
  const site = new Error() as Site & { within?: Site };
  if (enclosing !== null) site.within = enclosing;
  if (!canCompare) return site;
  return remember(site, isDeepest || isComplete);
}

/** Frames that were looked at before. Two hashes, 64 bits in all, of their positions tell them from others. */
interface Known {
  /** Null if none of the frames is the user's. */
  readonly site: Site | null;
  readonly within: Site | null;
  readonly check: number;
  /** The innermost frame that is not sluice's, and its script: pieces of code that are run one by one have equal positions. */
  readonly user: number;
  readonly script: string | null;
}

const known = new Map<number, Known>();

/** How many sites are remembered before all are forgotten. */
const REMEMBERED = 10_000;

/** What was looked at last, if it was not known. */
let latest: readonly CallSite[] = [];
let latestHash = 0;
let latestCheck = 0;

function findKnown(_error: Error, frames: readonly CallSite[]): Known | null {
  let hash = frames.length;
  let check = 0;
  // The first is captureSite.
  for (let i = 1; i < frames.length; i++) {
    const position = frames[i].getPosition();
    hash = (Math.imul(hash, 31) + position) | 0;
    check = Math.imul(check ^ position, 0x9e3779b1) ^ (check >>> 15);
  }
  const found = known.get(hash);
  if (
    found !== undefined &&
    found.check === check &&
    found.within === enclosing &&
    (found.script === null || found.script === frames[found.user].getScriptNameOrSourceURL())
  )
    return found;
  latest = frames;
  latestHash = hash;
  latestCheck = check;
  return null;
}

/** Remembers the frames that were looked at last, with `site` if that is where the user is or if it `mustDo`. */
function remember(site: Site, mustDo: boolean): Site | null {
  if (known.size >= REMEMBERED) known.clear();
  const scripts = latest.map((frame) => frame.getScriptNameOrSourceURL());
  const user = scripts.findIndex((script) => typeof script === 'string' && !isInternal(script));
  const kept = user >= 0 || mustDo ? site : null;
  known.set(latestHash, {
    site: kept,
    within: enclosing,
    check: latestCheck,
    user,
    script: scripts[user] ?? null,
  });
  latest = [];
  return kept;
}

/** Whether the engine shows the frames of a trace, as V8 does. */
const canCompare = (() => {
  const { prepareStackTrace } = native;
  try {
    native.prepareStackTrace = (_error, frames) => typeof frames?.[0]?.getPosition?.() === 'number';
    return (new Error().stack as unknown) === true;
  } catch {
    return false;
  } finally {
    native.prepareStackTrace = prepareStackTrace;
  }
})();

/** All ops made until `unshareSite` are of one call of the user, and share its site. Returns what `unshareSite` takes. */
export function shareSite(): Site | null {
  const outer = shared;
  shared = captureSite();
  return outer;
}

export function unshareSite(outer: Site | null): void {
  shared = outer;
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

/** Calls a function of the user's: ops made inside have lines of their own, however deep sluice is. */
export function callUser<R>(body: () => R): R {
  const outer = [shared, enclosing] as const;
  enclosing = captureSite();
  shared = null;
  try {
    return body();
  } finally {
    [shared, enclosing] = outer;
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
  return file.startsWith('node:') || file.includes('node:internal') || isOwn(file);
}

/** Whether that file is sluice's. */
function isOwn(file: string): boolean {
  if (!own) return false;
  return (
    file === own.bundle || own.rooms.some((room) => file.startsWith(room) && /^[\\/]/.test(file.slice(room.length)))
  );
}

/** The user's own frames, innermost first, as `file:line:column`: those that were captured, then those of the call around. */
export function userFrames(site: Site | null): string[] {
  if (!site) return [];
  const lines = (site.stack ?? '').split('\n').slice(1);
  const frames = lines.map(parseFrame).flatMap((frame) => (frame && !isInternal(frame.file) ? [frame.at] : []));
  const around = userFrames(site.within ?? null);
  const at = around.length > 0 ? frames.indexOf(around[0]) : -1;
  return [...(at < 0 ? frames : frames.slice(0, at)), ...around];
}
