/**
 * Branches, loops and everything else that decides what runs: as `tf` has it.
 */
export { Assert } from '../graph/controlFlow/assert';
export { caseOf, caseOf as case } from '../graph/controlFlow/case';
export { cond, switchCase } from '../graph/controlFlow/cond';
export { foldl, foldr, mapFn, scan } from '../graph/controlFlow/functional';
export { smartCond } from '../graph/controlFlow/smartCond';
export { whileLoop } from '../graph/controlFlow/whileLoop';
export { customGradient } from '../graph/customGradient';
export { group, tuple, withDependencies } from '../graph/ops/grouping';
export { TensorArray } from '../graph/tensorArray';
