/**
 * Short names for the arithmetic that formulas of lowerings are made of: both operands of one type, the result of it too.
 */
import { apply, type Expression } from '../ir/expression';

export const add = (x: Expression, y: Expression): Expression => apply('add', x, y);
export const sub = (x: Expression, y: Expression): Expression => apply('sub', x, y);
export const mul = (x: Expression, y: Expression): Expression => apply('mul', x, y);
export const div = (x: Expression, y: Expression): Expression => apply('div', x, y);
export const sqrt = (x: Expression): Expression => apply('sqrt', x);
