/**
 * Which part of a larger tensor a variable is: what a checkpoint needs to know of variables that are saved as one tensor.
 */
import { ValueError } from '../../graph/errors';
import type { Variable } from './variable';

/** Mirrors tf.Variable.SaveSliceInfo. */
export class SaveSliceInfo {
  /**
   * @param fullName the name of the whole tensor in checkpoints.
   * @param fullShape its shape.
   * @param varOffset where the variable's part starts in it, per dimension.
   * @param varShape the shape of the part.
   */
  constructor(
    readonly fullName: string,
    readonly fullShape: readonly number[],
    readonly varOffset: readonly number[],
    readonly varShape: readonly number[],
  ) {
    const rank = fullShape.length;
    if (varOffset.length !== rank || varShape.length !== rank) {
      throw new ValueError(
        `The parts of SaveSliceInfo for ${fullName} must have one rank, but are [${fullShape}], [${varOffset}] and [${varShape}].`,
      );
    }
  }

  /** As SaveV2 takes it: `10 20 0,5:0,20`. */
  get spec(): string {
    const extents = this.varOffset.map((start, axis) => `${start},${this.varShape[axis]}`);
    return `${this.fullShape.join(' ')} ${extents.join(':')}`;
  }
}

const infos = new WeakMap<Variable, SaveSliceInfo>();

/** Makes a saver treat the variable as part of a larger tensor. Mirrors Variable._set_save_slice_info. */
export function setSaveSliceInfo(variable: Variable, info: SaveSliceInfo): void {
  infos.set(variable, info);
}

/** The larger tensor that a variable is part of, or null. */
export function getSaveSliceInfo(variable: Variable): SaveSliceInfo | null {
  return infos.get(variable) ?? null;
}
