export default {
  entries: ["assembly/__tests__/**/*.spec.ts"],
  include: ["assembly/__tests__/**/*.include.ts"],
  disclude: [/node_modules/],
  async instantiate(_memory, createImports, instantiate, binary) {
    const memory = new WebAssembly.Memory({ initial: 20, maximum: 1024 });
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
