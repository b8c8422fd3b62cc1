/**
 * The loops of a nest: one pointer per access, moved along by every loop, and the positions that `index` expressions ask for.
 *
 * What is computed inside is the caller's: `loop` walks one axis element by element, `alongLanes` the lane axis in steps of several
 * vectors, of one, and of single elements.
 */
import { InternalError } from '../../../../graph/errors';
import type { Expression } from '../../../ir/expression';
import type { LoopKernel } from '../../../ir/kernel';
import type { FunctionBuilder, Local } from '../assembler/functionBuilder';
import { push, repeat } from '../assembler/loops';
import type { Surroundings } from './evaluator';
import type { Facts } from './facts';
import type { LaneCount } from './lanes';
import type { Axis, Nest } from './nest';
import type { VectorMath } from './vectorCode';

export class Walk implements Surroundings {
  readonly accesses: LoopKernel['accesses'];
  #pointers: readonly Local[];
  #positions = new Map<number, Local>();
  #linear: Local | null;

  constructor(
    readonly f: FunctionBuilder,
    readonly math: VectorMath,
    readonly facts: Facts,
    /** The address of the first element of each access. */
    pointers: readonly Local[],
  ) {
    this.accesses = facts.kernel.accesses;
    this.#pointers = pointers;
    this.#linear = facts.kernel.streams.length > 0 ? f.local('i32') : null;
  }

  get lanes(): LaneCount {
    return this.facts.lanes;
  }

  get nest(): Nest {
    return this.facts.nest;
  }

  isNeverPositive(e: Expression): boolean {
    return this.facts.isNeverPositive(e);
  }

  pointer(access: number): Local {
    return this.#pointers[access];
  }

  laneStride(access: number): number {
    return this.nest.lane?.strides[access] ?? 0;
  }

  position(axis: number): Local {
    const position = this.#positions.get(axis);
    if (!position) throw new InternalError(`no loop over axis ${axis} here`);
    return position;
  }

  isLaneAxis(axis: number): boolean {
    return this.nest.lane?.domainAxis === axis;
  }

  /** The index of the current element, counted over the whole domain; only kernels with random words have it. */
  get linear(): Local {
    if (!this.#linear) throw new InternalError('elements are not counted here');
    return this.#linear;
  }

  /** Walks all of `axes`, the first one outermost. */
  loops(axes: readonly Axis[], body: () => void): void {
    if (axes.length === 0) body();
    else this.loop(axes[0], null, null, () => this.loops(axes.slice(1), body));
  }

  /** Walks an axis in groups of `size` elements, then what is left over: `body` writes the code for so many. */
  groups(axis: Axis, size: number, body: (count: number) => void): void {
    const { f } = this;
    const counter = f.local('i32');
    this.#within(axis, null, counter, () => {
      f.i32(0).set(counter);
      const rest = axis.length % size;
      const step = (count: number) => {
        body(count);
        this.#advance(axis, count);
        f.get(counter).i32(count).op('i32.add').set(counter);
      };
      repeat(
        f,
        () =>
          f
            .get(counter)
            .i32(axis.length - rest)
            .op('i32.lt_s'),
        () => step(size),
      );
      if (rest > 0) step(rest);
    });
  }

  /** A loop over an axis, or from `begin` to `end` of it, that moves all pointers along. */
  loop(axis: Axis, begin: Local | null, end: Local | null, body: () => void): void {
    const { f } = this;
    const counter = f.local('i32');
    const hasMore = () => push(f.get(counter), end ?? axis.length).op('i32.lt_s');
    this.#within(axis, begin, counter, () => {
      push(f, begin ?? 0).set(counter);
      repeat(f, hasMore, () => {
        body();
        this.#advance(axis, 1);
        f.get(counter).i32(1).op('i32.add').set(counter);
      });
    });
  }

  /**
   * Loops along the lane axis, in steps of each of `widths`: so many vectors, or, for 0, one element. `body` writes the code
   * for a step, `before` what goes ahead of the loop with such steps.
   */
  alongLanes(
    begin: Local | null,
    end: Local | null,
    widths: readonly number[],
    body: (vectors: number) => void,
    before?: (vectors: number) => void,
  ): void {
    const { f } = this;
    const axis = this.nest.lane!;
    const rest = f.local('i32');
    const position = axis.domainAxis >= 0 ? f.local('i32') : null;
    this.#within(axis, begin, position, () => {
      if (end && begin) f.get(end).get(begin).op('i32.sub').set(rest);
      else f.i32(axis.length).set(rest);
      if (position) push(f, begin ?? 0).set(position);
      let left = axis.length;
      for (const width of widths) {
        const elements = width === 0 ? 1 : width * this.lanes;
        if (!end && left < elements) continue;
        left %= elements;
        before?.(width);
        const hasMore = () => f.get(rest).i32(elements).op('i32.ge_s');
        repeat(f, hasMore, () => {
          body(width);
          this.#advance(axis, elements);
          if (position) f.get(position).i32(elements).op('i32.add').set(position);
          f.get(rest).i32(elements).op('i32.sub').set(rest);
        });
      }
    });
  }

  /** Gives `body` pointers of its own along an axis, `begin` elements from the current ones on, and a position there. */
  #within(axis: Axis, begin: Local | null, position: Local | null, body: () => void): void {
    const { f } = this;
    const saved = { pointers: this.#pointers, positions: this.#positions, linear: this.#linear };
    const start = (from: Local, stride: number): Local => {
      const local = f.local('i32');
      f.get(from);
      if (begin) f.get(begin).i32(stride).op('i32.mul').op('i32.add');
      f.set(local);
      return local;
    };
    this.#pointers = this.#pointers.map((pointer, access) => {
      const stride = this.#byteStride(axis, access);
      return stride === 0 ? pointer : start(pointer, stride);
    });
    if (this.#linear) this.#linear = start(this.#linear, axis.linear);
    if (position && axis.domainAxis >= 0) this.#positions = new Map(this.#positions).set(axis.domainAxis, position);
    body();
    this.#pointers = saved.pointers;
    this.#positions = saved.positions;
    this.#linear = saved.linear;
  }

  #advance(axis: Axis, elements: number): void {
    const { f } = this;
    const step = (local: Local, distance: number) => f.get(local).i32(distance).op('i32.add').set(local);
    this.#pointers.forEach((pointer, access) => {
      const stride = this.#byteStride(axis, access);
      if (stride !== 0) step(pointer, stride * elements);
    });
    if (this.#linear) step(this.#linear, axis.linear * elements);
  }

  #byteStride(axis: Axis, access: number): number {
    return axis.strides[access] * this.accesses[access].buffer.dtype.size;
  }
}
