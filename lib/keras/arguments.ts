/**
 * The arguments of layer constructors and functions: required ones by position, the others in one object, as configurations have them all.
 */
import { GraphTypeError, repr } from '../../graph/errors';

type Named = Readonly<Record<string, unknown>>;

/** Whether a value can only be an object of options or a configuration. */
export function isOptions(value: unknown): value is Named {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * `(3, { name })` as `{ units: 3, name }`; one object that holds everything stays as it is. TypeError where one of `required` is missing
 * or the options are no object.
 */
export function namedArguments<T>(caller: string, required: readonly string[], args: readonly unknown[]): T {
  const isConfig = isOptions(args[0]);
  const options = (isConfig ? args[0] : args[required.length]) ?? {};
  if (!isOptions(options)) {
    throw new GraphTypeError(`${caller} takes its optional arguments as an object, got ${repr(options)}.`);
  }
  const positional = isConfig ? [] : required.map((name, i) => [name, args[i]] as const);
  const named: Named = { ...options, ...Object.fromEntries(positional.filter(([, value]) => value !== undefined)) };
  const missing = required.filter((name) => named[name] === undefined);
  if (missing.length > 0) {
    const names = missing.map(repr).join(missing.length === 2 ? ' and ' : ', ');
    throw new GraphTypeError(
      `${caller} missing ${missing.length} required positional argument${missing.length > 1 ? 's' : ''}: ${names}`,
    );
  }
  return named as T;
}

/** TypeError for options that a function does not take. */
export function checkKeywords(caller: string, known: readonly string[], options: object): void {
  if (!isOptions(options)) {
    throw new GraphTypeError(`${caller}() takes its optional arguments as an object, got ${repr(options)}.`);
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown) throw new GraphTypeError(`${caller}() got an unexpected keyword argument '${unknown}'`);
}
