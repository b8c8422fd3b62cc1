/**
 * Patterns as RE2 writes them, for JavaScript's own engine. What the two share and the plain differences in spelling are
 * translated; what only one of them has is refused by name, so that no pattern means something else here.
 */
import { InvalidArgumentError, UnimplementedError } from '../graph/errors';

/** Characters that JavaScript lets a backslash quote. */
const QUOTABLE = '^$\\.*+?()[]{}|/';

/** One step of a pattern: an escape, the start of a group, a named class, or one character. */
const STEP = /\\[\s\S]|\(\?(?:P?<[A-Za-z]\w*>|[^)]?)|\[:\^?\w+:\]|[\s\S]/gu;

function refuse(pattern: string, part: string): never {
  throw new UnimplementedError(
    `The pattern ${JSON.stringify(pattern)} uses ${JSON.stringify(part)}, which is not supported here. Write it with plain groups and classes.`,
  );
}

/** The spaces of RE2, fewer than JavaScript's. */
const SPACES = '\\t\\n\\f\\r ';

function translate(pattern: string): string {
  let isInClass = false;
  return pattern.replace(STEP, (step) => {
    if (step.startsWith('(?') && !isInClass) {
      if (step === '(?:') return step;
      const name = /^\(\?P?<(\w+)>$/.exec(step)?.[1];
      return name ? `(?<${name}>` : refuse(pattern, step);
    }
    if (step.startsWith('[:')) return refuse(pattern, step);
    if (step.length > 1 && step[0] === '\\') return translateEscape(pattern, step, isInClass);
    if (step === '[') isInClass = true;
    else if (step === ']') isInClass = false;
    return step === '.' && !isInClass ? '[^\\n]' : step;
  });
}

function translateEscape(pattern: string, step: string, isInClass: boolean): string {
  const letter = step.slice(1);
  if (letter === 's') return isInClass ? SPACES : `[${SPACES}]`;
  if (letter === 'S') return isInClass ? refuse(pattern, step) : `[^${SPACES}]`;
  if (/[dDwWbBtnrfv]/.test(letter) || QUOTABLE.includes(letter)) return step;
  if (letter === '-') return '\\x2d';
  return /[A-Za-z0-9]/.test(letter) ? refuse(pattern, step) : letter;
}

/** An expression that matches a whole text. InvalidArgumentError for a pattern that is none. */
export function compileFullMatch(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${translate(pattern)})$`, 'u');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new InvalidArgumentError(`Invalid pattern: ${pattern}, error: ${error.message}`);
  }
}
