/**
 * Element types as files number them. Types that nothing here computes with (quantised ones, 4- and 8-bit floats) can
 * stand in attributes of nodes: they are kept, so that such a graph can be looked at and written again.
 */
import { allDTypes, DType, type DTypeName } from '../dtypes';
import { InvalidArgumentError } from '../errors';

/** Name in TensorFlow, number in the DataType enum, C++ spelling, bytes. */
const FOREIGN: readonly (readonly [string, number, string, number])[] = [
  ['qint8', 11, 'qint8', 1],
  ['quint8', 12, 'quint8', 1],
  ['qint32', 13, 'qint32', 4],
  ['qint16', 15, 'qint16', 2],
  ['quint16', 16, 'quint16', 2],
  ['float8_e5m2', 24, 'float8_e5m2', 1],
  ['float8_e4m3fn', 25, 'float8_e4m3fn', 1],
  ['int4', 29, 'int4', 1],
  ['uint4', 30, 'uint4', 1],
];

const byNumber = new Map<number, DType>([
  ...allDTypes.map((dtype) => [dtype.asDatatypeEnum, dtype] as const),
  ...FOREIGN.map(
    ([name, number, cpp, size]) => [number, new DType(name as DTypeName, number, 'handle', size, cpp)] as const,
  ),
]);

/** The dtype of that number; InvalidArgumentError, starting with `what`, for a number that is none. */
export function dtypeOf(number: number, what: string): DType {
  const dtype = byNumber.get(number);
  if (!dtype) throw new InvalidArgumentError(`${what}: ${number} is not the number of a data type.`);
  return dtype;
}
