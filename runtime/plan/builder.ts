/**
 * Writes programs: what lowerings call. Every method appends values or effects; shapes are concrete and have been checked.
 */
import type { DType } from '../../graph/dtypes';
import { type NdArray, sizeOf } from '../../graph/ndarray';
import type { Operation } from '../../graph/operation';
import { sameDims } from '../broadcast';
import { type AxisMap, type AxisMaps, broadcastAccess, identityAccess } from '../ir/access';
import { arg, cast, constant, type Expression, scalarTypeOf } from '../ir/expression';
import type {
  Combiner,
  Definition,
  HostCall,
  Item,
  Operand,
  Piece,
  RandomSource,
  RoutineCall,
  Update,
  Value,
  VariableRef,
} from '../ir/value';

/** Numbers of rows, and of elements in a row, that are worth a pass over rows. */
const FEWEST_ROWS = 16;
const SHORTEST_ROW = 1024;
const FEWEST_ELEMENTS = 1 << 17;

/** How many leading axes are rows when everything is reduced; 0 where one pass is better. */
function rowAxesOf(shape: readonly number[]): number {
  const elements = sizeOf(shape);
  if (elements < FEWEST_ELEMENTS) return 0;
  let rows = 1;
  const axes = shape.findIndex((dim) => (rows *= dim) >= FEWEST_ROWS) + 1;
  return elements / rows >= SHORTEST_ROW ? axes : 0;
}

export class ProgramBuilder {
  readonly items: Item[] = [];
  /** The TensorFlow op that is being lowered. */
  op: Operation | null = null;
  #count = 0;
  readonly #versions = new Map<string, number>();
  /** The variables that were written, in order. */
  readonly #writes: string[] = [];

  constant(array: NdArray): Value {
    return this.#value(array.dtype, array.shape, { kind: 'const', array });
  }

  /** A value that comes from outside: a feed, or an output of a host call. */
  input(dtype: DType, shape: readonly number[]): Value {
    return this.#value(dtype, shape, { kind: 'input' });
  }

  /** The variable's value at this point of the program. */
  readVariable(variable: VariableRef): Value {
    const version = this.#versions.get(variable.key) ?? 0;
    return this.#value(variable.dtype, variable.shape, { kind: 'variable', variable, version });
  }

  /** An expression at each element of `shape`; `arg` i is operand i broadcast to the shape. */
  map(dtype: DType, shape: readonly number[], operands: readonly Value[], expression: Expression): Value {
    return this.mapOperands(
      dtype,
      shape,
      operands.map((value) => ({ value, maps: broadcastAccess(value.shape, shape) })),
      expression,
    );
  }

  mapOperands(dtype: DType, shape: readonly number[], args: readonly Operand[], expression: Expression): Value {
    return this.#value(dtype, shape, { kind: 'map', args, expression });
  }

  /** One number everywhere. */
  fill(dtype: DType, shape: readonly number[], value: number | bigint): Value {
    return this.map(dtype, shape, [], constant(scalarTypeOf(dtype)!, value));
  }

  uniform(dtype: DType, shape: readonly number[], source: RandomSource): Value {
    return this.#value(dtype, shape, { kind: 'random', source });
  }

  /** Reduces axes away. What becomes a single number is reduced by rows first, so that threads can share the work. */
  reduce(value: Value, reduced: readonly boolean[], combiner: Combiner): Value {
    const rowAxes = reduced.every(Boolean) ? rowAxesOf(value.shape) : 0;
    if (rowAxes === 0) return this.#reduce(value, reduced, combiner);
    const rows = this.#reduce(
      value,
      value.shape.map((_, axis) => axis >= rowAxes),
      combiner,
    );
    return this.#reduce(
      rows,
      rows.shape.map(() => true),
      combiner,
    );
  }

  #reduce(value: Value, reduced: readonly boolean[], combiner: Combiner): Value {
    const shape = value.shape.filter((_, axis) => !reduced[axis]);
    const operand = { value, maps: identityAccess(value.shape) };
    return this.#value(value.dtype, shape, { kind: 'reduce', arg: operand, domain: value.shape, reduced, combiner });
  }

  /** The elements under another shape; adding and removing axes of length 1 costs nothing. */
  reshape(value: Value, shape: readonly number[]): Value {
    if (sameDims(value.shape, shape)) return value;
    const squeezed = (dims: readonly number[]) => dims.filter((dim) => dim !== 1);
    if (!sameDims(squeezed(value.shape), squeezed(shape))) {
      const source = value.definition.kind === 'reshape' ? value.definition.source : value;
      return this.#value(value.dtype, shape, { kind: 'reshape', source });
    }
    const axes = shape.flatMap((dim, axis) => (dim === 1 ? [] : [axis]));
    let next = 0;
    const maps = value.shape.map(
      (dim): AxisMap => (dim === 1 ? { axis: -1, step: 0, start: 0 } : { axis: axes[next++], step: 1, start: 0 }),
    );
    return this.view(value, shape, maps);
  }

  /** A slice, transpose, reversal or broadcast: `maps` leads from the value's axes to those of `shape`. */
  view(value: Value, shape: readonly number[], maps: AxisMaps): Value {
    return this.#value(value.dtype, shape, { kind: 'view', source: { value, maps } });
  }

  broadcast(value: Value, shape: readonly number[]): Value {
    return sameDims(value.shape, shape) ? value : this.view(value, shape, broadcastAccess(value.shape, shape));
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    const maps = value.shape.map((dim, axis): AxisMap => {
      const to = permutation.indexOf(axis);
      return dim === 1 ? { axis: -1, step: 0, start: 0 } : { axis: to, step: 1, start: 0 };
    });
    return this.view(
      value,
      permutation.map((axis) => value.shape[axis]),
      maps,
    );
  }

  /** The block of `shape` from `start`, every `step`-th element along each axis. */
  slice(value: Value, start: readonly number[], shape: readonly number[], step: readonly number[]): Value {
    const maps = value.shape.map(
      (_, axis): AxisMap =>
        shape[axis] === 1 ? { axis: -1, step: 0, start: start[axis] } : { axis, step: step[axis], start: start[axis] },
    );
    return this.view(value, shape, maps);
  }

  assemble(dtype: DType, shape: readonly number[], fill: number | bigint | null, pieces: readonly Piece[]): Value {
    return this.#value(dtype, shape, { kind: 'assemble', fill, pieces });
  }

  /** A piece of an assembled value, whole. */
  piece(value: Value, start: readonly number[], step = value.shape.map(() => 1)): Piece {
    return { operand: { value, maps: identityAccess(value.shape) }, shape: value.shape, start, step };
  }

  /** A routine over operands; its results have these dtypes and shapes. */
  routine(
    call: Omit<RoutineCall, 'kind' | 'op' | 'results'>,
    results: readonly { readonly dtype: DType; readonly shape: readonly number[] }[],
  ): Value[] {
    const item: RoutineCall = { ...call, kind: 'routine', op: this.op, results: [] };
    this.items.push(item);
    for (const variable of call.writes ?? []) this.#written(variable);
    results.forEach(({ dtype, shape }, index) =>
      item.results.push(this.#value(dtype, shape, { kind: 'result', call: item, index })),
    );
    return item.results;
  }

  /** Converts elements as Cast does. */
  cast(value: Value, dtype: DType): Value {
    if (value.dtype === dtype) return value;
    const from = arg(0, scalarTypeOf(value.dtype)!);
    return this.map(dtype, value.shape, [value], cast(from, scalarTypeOf(dtype)!));
  }

  /** Writes variables of one shape, all in one pass; `arg` i is operand i broadcast to the shape. */
  update(shape: readonly number[], operands: readonly Value[], targets: Update['targets']): void {
    const args = operands.map((value) => ({ value, maps: broadcastAccess(value.shape, shape) }));
    this.items.push({ kind: 'update', op: this.op, shape, args, targets });
    for (const { variable } of targets) this.#written(variable);
  }

  host(call: Omit<HostCall, 'kind'>): void {
    this.items.push({ ...call, kind: 'host' });
    for (const variable of call.variables) this.#written(variable);
  }

  /** A point to which `restore` goes back. */
  save(): { readonly items: number; readonly writes: number } {
    return { items: this.items.length, writes: this.#writes.length };
  }

  restore({ items, writes }: ReturnType<ProgramBuilder['save']>): void {
    this.items.length = items;
    for (const key of this.#writes.splice(writes)) this.#versions.set(key, this.#versions.get(key)! - 1);
  }

  #written(variable: VariableRef): void {
    this.#writes.push(variable.key);
    this.#versions.set(variable.key, (this.#versions.get(variable.key) ?? 0) + 1);
  }

  #value(dtype: DType, shape: readonly number[], definition: Definition): Value {
    const value: Value = { id: this.#count++, dtype, shape, definition, op: this.op };
    this.items.push({ kind: 'value', value });
    return value;
  }
}
