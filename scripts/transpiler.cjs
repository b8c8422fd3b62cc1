/**
 * ts-node's transpiler here: esbuild, which reads the whole library in a fifth of the time that TypeScript takes.
 * Types are checked apart from it (`npm run typecheck`).
 */
const { transformSync } = require('esbuild');

const options = {
  format: 'cjs',
  loader: 'ts',
  platform: 'node',
  sourcemap: 'external',
  sourcesContent: false,
  target: 'node20',
  tsconfigRaw: { compilerOptions: { target: 'es2022', useDefineForClassFields: true } },
};

/** Called by ts-node. */
exports.create = () => ({
  transpile(input, { fileName }) {
    const { code, map } = transformSync(input, { ...options, sourcefile: fileName });
    return { outputText: code, sourceMapText: map, diagnostics: [] };
  },
});
