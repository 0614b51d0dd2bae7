/** A module of Node's own, or undefined in a browser, without an import that a browser or a bundler would trip over. */
export function nodeModule(name: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return process?.getBuiltinModule?.(name);
}
