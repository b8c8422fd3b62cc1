/**
 * The error classes a user may meet: Python's built-in ones that TensorFlow raises while building, and `tf.errors.*`,
 * which running raises with the op they come from.
 *
 * Texts live beside the code they belong to; classes, codes and the parts shared by all messages live here.
 */

/** The op an error speaks of, as far as errors need to know it. */
export interface ErrorOp {
  readonly name: string;
  readonly type: string;
  readonly device: string;
  /** `file:line:column` of the user's code that made the op, or null when unknown. */
  readonly creationSite: string | null;
}

/** What all errors of sluice share: where it was made, when that is known. */
export interface SluiceErrorFields {
  /** The op in question, if there is one. */
  op?: ErrorOp | null;
}

function define(error: Error, name: string): void {
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
}

export class ValueError extends Error {
  constructor(
    message: string,
    readonly op: ErrorOp | null = null,
  ) {
    super(message);
    define(this, 'ValueError');
  }
}

/** Python's TypeError: a JavaScript TypeError too. */
export class GraphTypeError extends TypeError {
  constructor(
    message: string,
    readonly op: ErrorOp | null = null,
  ) {
    super(message);
    define(this, 'TypeError');
  }
}

export class LookupError extends Error {
  constructor(message: string) {
    super(message);
    define(this, 'LookupError');
  }
}

export class KeyError extends LookupError {
  constructor(message: string) {
    super(message);
    define(this, 'KeyError');
  }
}

export class RuntimeError extends Error {
  constructor(message: string) {
    super(message);
    define(this, 'RuntimeError');
  }
}

export class NotImplementedError extends RuntimeError {
  constructor(message: string) {
    super(message);
    define(this, 'NotImplementedError');
  }
}

export class AttributeError extends Error {
  constructor(message: string) {
    super(message);
    define(this, 'AttributeError');
  }
}

export class AssertionError extends Error {
  constructor(message: string) {
    super(message);
    define(this, 'AssertionError');
  }
}

/** A symbolic tensor was used as a boolean or iterated. Mirrors tf.errors.OperatorNotAllowedInGraphError. */
export class OperatorNotAllowedInGraphError extends GraphTypeError {
  constructor(message: string) {
    super(message);
    define(this, 'OperatorNotAllowedInGraphError');
  }
}

/** A tensor of a function body was used outside of it. Mirrors tf.errors.InaccessibleTensorError. */
export class InaccessibleTensorError extends ValueError {
  constructor(message: string) {
    super(message);
    define(this, 'InaccessibleTensorError');
  }
}

/** An error with a canonical code, raised by an op that runs. Mirrors tf.errors.OpError. */
export class OpError extends Error {
  constructor(
    /** The op's definition in one line, `{{node …}}`, or null. */
    readonly nodeDef: string | null,
    readonly op: ErrorOp | null,
    message: string,
    readonly errorCode: number,
    name = 'OpError',
  ) {
    super(message);
    define(this, name);
  }
}

type OpErrorArguments = [message: string, op?: ErrorOp | null, nodeDef?: string | null];

function opErrorClass(name: string, code: number) {
  return class extends OpError {
    constructor(...[message, op = null, nodeDef = null]: OpErrorArguments) {
      super(nodeDef, op, message, code, name);
    }
  };
}

export class CancelledError extends opErrorClass('CancelledError', 1) {}
export class UnknownError extends opErrorClass('UnknownError', 2) {}
export class InvalidArgumentError extends opErrorClass('InvalidArgumentError', 3) {}
export class DeadlineExceededError extends opErrorClass('DeadlineExceededError', 4) {}
export class NotFoundError extends opErrorClass('NotFoundError', 5) {}
export class AlreadyExistsError extends opErrorClass('AlreadyExistsError', 6) {}
export class PermissionDeniedError extends opErrorClass('PermissionDeniedError', 7) {}
export class ResourceExhaustedError extends opErrorClass('ResourceExhaustedError', 8) {}
export class FailedPreconditionError extends opErrorClass('FailedPreconditionError', 9) {}
export class AbortedError extends opErrorClass('AbortedError', 10) {}
export class OutOfRangeError extends opErrorClass('OutOfRangeError', 11) {}
export class UnimplementedError extends opErrorClass('UnimplementedError', 12) {}
export class InternalError extends opErrorClass('InternalError', 13) {}
export class UnavailableError extends opErrorClass('UnavailableError', 14) {}
export class DataLossError extends opErrorClass('DataLossError', 15) {}
export class UnauthenticatedError extends opErrorClass('UnauthenticatedError', 16) {}

/** The names of `tf.errors` for each class of op error, by canonical code. */
export const opErrorByCode = {
  1: CancelledError,
  2: UnknownError,
  3: InvalidArgumentError,
  4: DeadlineExceededError,
  5: NotFoundError,
  6: AlreadyExistsError,
  7: PermissionDeniedError,
  8: ResourceExhaustedError,
  9: FailedPreconditionError,
  10: AbortedError,
  11: OutOfRangeError,
  12: UnimplementedError,
  13: InternalError,
  14: UnavailableError,
  15: DataLossError,
  16: UnauthenticatedError,
} as const;

/** Python's word for the type of a JavaScript value, as TensorFlow's messages use it. */
export function typeWord(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'function') return 'function';
  if (Array.isArray(value)) return 'list';
  const name = (value as object).constructor?.name;
  return name === 'Object' || name === undefined ? 'dict' : name;
}

/** Python's repr of simple values, as TensorFlow's messages print them. */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  return String(value);
}
