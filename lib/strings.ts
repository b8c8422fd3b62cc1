/**
 * `tf.strings`: string tensors joined, formatted and measured.
 */
export {
  asString,
  reduceJoin,
  regexFullMatch,
  stringFormat as format,
  stringJoin as join,
  stringLength as length,
  stringLower as lower,
  stringStrip as strip,
  stringToNumber as toNumber,
  stringUpper as upper,
  substr,
} from '../graph/ops/string';
