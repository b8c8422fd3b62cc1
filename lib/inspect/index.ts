/**
 * `tf.inspect`: what a graph holds and what a run of it would do. Each function returns a Report, which prints as text and
 * serialises as data; the command `sluice` shows the same.
 */
export { type ChromeTrace, chromeTrace, type TraceEvent } from './chromeTrace';
export { collections } from './collections';
export { type Devices, devices } from './devices';
export { diff } from './diff';
export { type ExplainedKernel, type Explanation, explain } from './explain';
export { fromJSON, toJSON } from './json';
export { type CheckpointMatch, type MatchCheckpointOptions, matchCheckpoint } from './matchCheckpoint';
export { memory, type SessionMemory } from './memory';
export { needs } from './needs';
export { node } from './node';
export { path } from './path';
export { Report } from './report';
export { summary } from './summary';
export { dot, svg } from './svg';
export { type Times, type TimesOptions, type TimesRow, times } from './times';
export { tree } from './tree';
