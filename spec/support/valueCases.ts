/**
 * Rows of spec/golden/values/<family>.json as specs: each builds one op from the row's inputs and attributes and compares
 * with what TensorFlow computed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyOp } from '../../graph/applyOp';
import type { AttrValue } from '../../graph/attributes';
import { asDType, type DTypeName } from '../../graph/dtypes';
import { type ArrayLike, NdArray } from '../../graph/ndarray';
import '../../graph/ops/index';
import { findOp } from '../../graph/registry';
import type { Tolerance } from './close';
import { opCase } from './opCase';

interface StoredArray {
  readonly dtype: DTypeName;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
}

interface Row {
  readonly op: string;
  readonly title: string;
  readonly attrs: Readonly<Record<string, AttrValue>>;
  readonly inputs: readonly StoredArray[];
  readonly outputs: readonly StoredArray[];
}

function readArray({ dtype, shape, data }: StoredArray): NdArray {
  const type = asDType(dtype);
  const element = (value: number | boolean | string) => {
    if (type.isBigInt) return BigInt(value);
    return type.isFloating ? Number(value) : value;
  };
  return NdArray.from(data.map(element), type).reshape(shape);
}

function attributes(op: string, attrs: Row['attrs']): Record<string, AttrValue> {
  const { attrByName } = findOp(op)!.def;
  return Object.fromEntries(
    Object.entries(attrs).map(([name, value]) => [
      name,
      attrByName.get(name)?.kind === 'type' ? asDType(value as DTypeName) : value,
    ]),
  );
}

/** One spec per row of the family. `tolerances` loosens the comparison for single ops. */
export function valueCases(family: string, tolerances: Readonly<Record<string, Tolerance>> = {}): void {
  const file = join(__dirname, '..', 'golden', 'values', `${family}.json`);
  for (const { op, title, attrs, inputs, outputs } of JSON.parse(readFileSync(file, 'utf8')) as Row[]) {
    const { def } = findOp(op)!;
    opCase(op, title, {
      inputs: inputs.map(readArray),
      build: (...tensors) => {
        const named = def.inputs[0].numberAttr
          ? { [def.inputs[0].name]: tensors }
          : Object.fromEntries(def.inputs.map(({ name }, i) => [name, tensors[i]]));
        return applyOp(op, { ...named, ...attributes(op, attrs) } as Record<string, ArrayLike>).outputs;
      },
      want: outputs.map(readArray),
      tolerance: tolerances[op],
    });
  }
}
