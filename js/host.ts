// What a runtime may have: asked for at run time, so that bundlers for pages need not know of it.

type Files = typeof import("node:fs/promises");

/** Node's file system, where there is one (Node, Deno, Bun). */
export function fileSystem(): Files | undefined {
  return globalThis.process?.getBuiltinModule?.("node:fs/promises");
}

/** @param where who asks @param instead what helps where there is none @throws where there is none */
export function needFileSystem(where: string, instead: string): Files {
  const files = fileSystem();
  if (!files) throw new Error(`${where}: there is no file system here. ${instead}`);
  return files;
}

/** Writes a file in one go: whoever looks, even after a crash, sees the old one or the whole new one. @throws where there is no file system */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  const files = needFileSystem("save", "model.toSafetensors() gives the bytes.");
  const unfinished = `${path}.${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await files.writeFile(unfinished, bytes, { flush: true });
    await files.rename(unfinished, path);
  } catch (error) {
    await files.rm(unfinished, { force: true });
    throw error;
  }
}
