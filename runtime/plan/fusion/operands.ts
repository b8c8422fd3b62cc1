/**
 * What fusion asks about operands and the domains over which they are read. Nothing here knows where a value is stored.
 */
import { type AxisMap, type AxisMaps, composeAccess, identityAccess } from '../../ir/access';
import type { Operand, Value } from '../../ir/value';

/** A domain without its axes of length 1, and where the axes of a shape went. */
export interface Domain {
  readonly lengths: readonly number[];
  readonly maps: AxisMaps;
}

export const FIXED: AxisMap = { axis: -1, step: 0, start: 0 };

export function domainOf(shape: readonly number[]): Domain {
  const lengths: number[] = [];
  const maps = shape.map((dim) => (dim === 1 ? FIXED : { axis: lengths.push(dim) - 1, step: 1, start: 0 }));
  return { lengths, maps };
}

/** Follows views to the value behind them. */
export function resolve({ value, maps }: Operand): Operand {
  let [source, through] = [value, maps];
  while (source.definition.kind === 'view') {
    through = composeAccess(source.definition.source.maps, through);
    source = source.definition.source.value;
  }
  return { value: source, maps: through };
}

export function behindViews(value: Value): Value {
  let source = value;
  while (source.definition.kind === 'view') source = source.definition.source.value;
  return source;
}

export function isScalarConstant(value: Value): boolean {
  return value.definition.kind === 'const' && value.definition.array.data.length === 1;
}

/** Whether an operand walks the whole domain in order: random words are counted that way. */
export function isDenseWalk({ value, maps }: Operand, lengths: readonly number[]): boolean {
  const dims = value.shape.flatMap((dim, i) => (dim === 1 ? [] : [{ dim, map: maps[i] }]));
  return (
    dims.length === lengths.length &&
    dims.every(({ dim, map }, i) => dim === lengths[i] && map.axis === i && map.step === 1 && map.start === 0)
  );
}

/** What a value reads directly. */
export function operandsOf({ definition }: Value): readonly Operand[] {
  switch (definition.kind) {
    case 'view':
      return [definition.source];
    case 'reshape':
      return [{ value: definition.source, maps: identityAccess(definition.source.shape) }];
    case 'map':
      return definition.args;
    case 'reduce':
      return [definition.arg];
    case 'assemble':
      return definition.pieces.map(({ operand }) => operand);
    default:
      return [];
  }
}
