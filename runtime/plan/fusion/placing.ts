/**
 * Giving values buffers: for each kind of value the kernel that fills its buffer, and what that kernel computes.
 *
 * A value joins a kernel that walks the same domain when it may: at each element, as a further reduction or phase, or once per
 * row. Otherwise it starts a kernel.
 */
import { InternalError } from '../../../graph/errors';
import { stridesOf } from '../../broadcast';
import { composeAccess } from '../../ir/access';
import { constant, scalarTypeOf } from '../../ir/expression';
import type { Buffer } from '../../ir/kernel';
import type { Operand, Value } from '../../ir/value';
import { levelIn, suitsRandom } from './joining';
import type { KernelDraft } from './kernelDraft';
import type { KernelList } from './kernelList';
import { type Domain, domainOf } from './operands';
import type { Placement, Placements } from './placements';
import { type Computer, Reader, Scope } from './reading';

export class Placer implements Computer {
  readonly reader: Reader;

  constructor(
    readonly placements: Placements,
    readonly kernels: KernelList,
  ) {
    this.reader = new Reader(placements, this);
  }

  /** Gives a value a buffer and the code that fills it. */
  place(value: Value): Placement {
    const known = this.placements.get(value);
    if (known) return known;
    const { definition } = value;
    switch (definition.kind) {
      case 'map':
      case 'random':
        return this.#placeElements(value);
      case 'reduce':
        return this.#placeReduction(value);
      case 'assemble':
        return this.#placeAssembly(value);
      case 'const':
        return this.placements.set(value, { buffer: this.placements.constBuffer(value), kernel: -1 });
      default:
        throw new InternalError(`a ${definition.kind} of ${value.op?.name ?? 'a program'} was read before it was made`);
    }
  }

  #placeElements(value: Value): Placement {
    const { reader } = this;
    const domain = domainOf(value.shape);
    const self: Operand = { value, maps: domain.maps };
    let leaves = reader.leavesOf([self], domain.lengths, { root: value, allowRandom: true });
    if (reader.readsRandom(self) && value.definition.kind !== 'random' && !suitsRandom(domain.lengths, leaves))
      leaves = reader.leavesOf([self], domain.lengths, { root: value, allowRandom: false });
    const draft = this.kernels.join({
      leaves,
      lengths: domain.lengths,
      reduced: null,
      drawsRandom: reader.readsRandom(self),
      readsPosition: () => reader.readsPosition(self),
    });
    const level = levelIn(draft, domain.lengths)!;
    const maps = level === 'element' ? domain.maps : draft.rowMaps(domain.maps);
    const scope = new Scope(draft, leaves);
    const expression = reader.expand({ value, maps }, scope);
    const buffer = this.placements.newBuffer(value, 'arena');
    draft.store(buffer, expression, level, level === 'row' ? Math.max(scope.phase - 1, 0) : scope.phase);
    return this.#settle(value, buffer, draft);
  }

  #placeReduction(value: Value): Placement {
    const { definition } = value;
    if (definition.kind !== 'reduce') throw new InternalError('not a reduction');
    const domain = domainOf(definition.domain);
    const operand = { value: definition.arg.value, maps: composeAccess(definition.arg.maps, domain.maps) };
    const reduced = definition.domain.flatMap((dim, axis) => (dim === 1 ? [] : [definition.reduced[axis]]));
    // Over axes of length 1 it is a copy.
    if (!reduced.includes(true)) return this.copyInto(value, operand, domain);
    const leaves = this.reader.leavesOf([operand], domain.lengths);
    const draft = this.kernels.join({
      leaves,
      lengths: domain.lengths,
      reduced,
      drawsRandom: this.reader.readsRandom(operand),
      readsPosition: () => this.reader.readsPosition(operand),
    });
    draft.reduced = reduced;
    const scope = new Scope(draft, leaves);
    const expression = this.reader.expand(operand, scope);
    const type = scalarTypeOf(value.dtype)!;
    const result = draft.reduce(definition.combiner, type, expression, scope.phase);
    const buffer = this.placements.newBuffer(value, 'arena');
    draft.store(buffer, result, 'row', scope.phase);
    return this.#settle(value, buffer, draft);
  }

  /** Computes an operand into a buffer of its own. */
  copyInto(value: Value, operand: Operand, domain: Domain): Placement {
    const leaves = this.reader.leavesOf([operand], domain.lengths);
    const draft = this.kernels.newDraft(domain.lengths, 'copy', leaves);
    const expression = this.reader.expand(operand, new Scope(draft, leaves));
    const buffer = this.placements.newBuffer(value, 'arena');
    draft.store(buffer, expression, 'element', 0);
    return this.#settle(value, buffer, draft);
  }

  #placeAssembly(value: Value): Placement {
    const { definition } = value;
    if (definition.kind !== 'assemble') throw new InternalError('not an assembly');
    const buffer = this.placements.newBuffer(value, 'arena');
    const strides = stridesOf(value.shape);
    // Something has to write the buffer, also when there is nothing to write.
    const isEmpty = definition.pieces.every(({ shape }) => shape.includes(0));
    if (definition.fill !== null || isEmpty) {
      const draft = this.kernels.newDraft(domainOf(value.shape).lengths, 'piece');
      const fill = constant(scalarTypeOf(value.dtype)!, definition.fill ?? 0);
      draft.storeAt(buffer, 0, stridesOf(draft.domain), fill, 0);
      draft.note(value.op);
    }
    for (const piece of definition.pieces) {
      if (piece.shape.includes(0)) continue;
      const domain = domainOf(piece.shape);
      const operand = { value: piece.operand.value, maps: composeAccess(piece.operand.maps, domain.maps) };
      const leaves = this.reader.leavesOf([operand], domain.lengths);
      const draft = this.kernels.newDraft(domain.lengths, 'piece', leaves);
      const expression = this.reader.expand(operand, new Scope(draft, leaves));
      const offset = piece.start.reduce((sum, start, axis) => sum + start * strides[axis], 0);
      const walk = piece.shape.flatMap((dim, axis) => (dim === 1 ? [] : [strides[axis] * piece.step[axis]]));
      draft.storeAt(buffer, offset, walk, expression, 0);
      draft.note(value.op);
    }
    return this.placements.set(value, { buffer, kernel: this.kernels.count - 1 });
  }

  #settle(value: Value, buffer: Buffer, draft: KernelDraft): Placement {
    draft.note(value.op);
    return this.placements.set(value, { buffer, kernel: draft.index });
  }
}
