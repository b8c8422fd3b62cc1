/**
 * Lowering: conversion between dtypes that kernels compute with. Smaller integers wrap by how they are stored.
 */
import type { castOps } from '../../graph/ops/cast';
import { scalarTypeOf } from '../ir/expression';
import { isComputed } from './elementwise';
import type { LoweringTable } from './lowering';

export const castLowerings: LoweringTable<typeof castOps> = {
  Cast: (c) => {
    const [x] = c.inputs;
    const [dtype] = c.outputTypes;
    if (x.dtype === dtype) return x;
    if (scalarTypeOf(x.dtype) === null || !isComputed(dtype) || c.attr<boolean>('Truncate')) return null;
    return c.b.cast(x, dtype);
  },
};
