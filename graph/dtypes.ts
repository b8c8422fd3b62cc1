/**
 * Element types of tensors: TensorFlow's names, numbers and proto spellings, and the JavaScript array that holds each.
 *
 * A DType is an immutable singleton; compare with `===`. What a dtype may be *used* for is said by op signatures
 * (graph/opDef.ts), not here.
 */

export type DTypeName =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool'
  | 'string'
  | 'complex64'
  | 'complex128'
  | 'resource'
  | 'variant';

type Kind = 'float' | 'int' | 'uint' | 'bool' | 'string' | 'complex' | 'handle';

/** An element type. Mirrors tf.DType. */
export class DType<N extends DTypeName = DTypeName> {
  constructor(
    readonly name: N,
    /** The number of this type in TensorFlow's DataType proto enum. */
    readonly asDatatypeEnum: number,
    private readonly kind: Kind,
    /** Bytes of one element; 0 for strings and handles. */
    readonly size: number,
    /** How C++ messages spell the type, for example `float` for float32. */
    readonly cppName: string,
  ) {}

  get isFloating(): boolean {
    return this.kind === 'float';
  }

  get isComplex(): boolean {
    return this.kind === 'complex';
  }

  /** Signed or unsigned integers; bool does not count. Mirrors tf.DType.is_integer. */
  get isInteger(): boolean {
    return this.kind === 'int' || this.kind === 'uint';
  }

  get isUnsigned(): boolean {
    return this.kind === 'uint';
  }

  get isBool(): boolean {
    return this.kind === 'bool';
  }

  get isNumeric(): boolean {
    return this.isFloating || this.isInteger || this.isComplex;
  }

  /** Whether one element is held as a bigint (int64 and uint64). */
  get isBigInt(): boolean {
    return this.size === 8 && this.isInteger;
  }

  /** Smallest and largest finite value, as numbers or, for 64-bit integers, bigints. */
  get limits(): [number | bigint, number | bigint] {
    const bits = BigInt(this.size * 8);
    if (this.kind === 'int') {
      const top = 1n << (bits - 1n);
      return this.size === 8 ? [-top, top - 1n] : [-Number(top), Number(top) - 1];
    }
    if (this.kind === 'uint') return this.size === 8 ? [0n, (1n << bits) - 1n] : [0, Number(1n << bits) - 1];
    if (this.kind === 'bool') return [0, 1];
    const largest = { float16: 65504, bfloat16: 3.3895313892515355e38, float32: 3.4028234663852886e38 }[
      this.name as string
    ];
    const top = largest ?? Number.MAX_VALUE;
    return [-top, top];
  }

  get min(): number | bigint {
    return this.limits[0];
  }

  get max(): number | bigint {
    return this.limits[1];
  }

  /** The spelling in protos and node definitions, for example `DT_FLOAT`. */
  get protoName(): string {
    return `DT_${this.cppName.toUpperCase()}`;
  }

  toString(): string {
    return `<dtype: '${this.name}'>`;
  }
}

export const float16 = new DType('float16', 19, 'float', 2, 'half');
export const bfloat16 = new DType('bfloat16', 14, 'float', 2, 'bfloat16');
export const float32 = new DType('float32', 1, 'float', 4, 'float');
export const float64 = new DType('float64', 2, 'float', 8, 'double');
export const int8 = new DType('int8', 6, 'int', 1, 'int8');
export const int16 = new DType('int16', 5, 'int', 2, 'int16');
export const int32 = new DType('int32', 3, 'int', 4, 'int32');
export const int64 = new DType('int64', 9, 'int', 8, 'int64');
export const uint8 = new DType('uint8', 4, 'uint', 1, 'uint8');
export const uint16 = new DType('uint16', 17, 'uint', 2, 'uint16');
export const uint32 = new DType('uint32', 22, 'uint', 4, 'uint32');
export const uint64 = new DType('uint64', 23, 'uint', 8, 'uint64');
export const bool = new DType('bool', 10, 'bool', 1, 'bool');
export const string = new DType('string', 7, 'string', 0, 'string');
export const complex64 = new DType('complex64', 8, 'complex', 8, 'complex64');
export const complex128 = new DType('complex128', 18, 'complex', 16, 'complex128');
export const resource = new DType('resource', 20, 'handle', 0, 'resource');
export const variant = new DType('variant', 21, 'handle', 0, 'variant');

export const allDTypes: readonly DType[] = [
  float16,
  bfloat16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  bool,
  string,
  complex64,
  complex128,
  resource,
  variant,
];

const byName = new Map<string, DType>(allDTypes.map((dtype) => [dtype.name, dtype]));
const byEnum = new Map<number, DType>(allDTypes.map((dtype) => [dtype.asDatatypeEnum, dtype]));

/** The dtype of that name, or undefined. */
export function findDType(name: string): DType | undefined {
  return byName.get(name);
}

/**
 * A dtype from a DType, a name (`'float32'`) or a DataType number.
 *
 * Mirrors tf.as_dtype. Throws TypeError for anything else.
 */
export function asDType(value: DType | DTypeName | number): DType {
  if (value instanceof DType) return value;
  const found = typeof value === 'number' ? byEnum.get(value) : byName.get(value);
  if (!found)
    throw new TypeError(`Cannot convert the argument \`type_value\`: ${String(value)} to a TensorFlow DType.`);
  return found;
}
