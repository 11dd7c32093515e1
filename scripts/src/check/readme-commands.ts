// Reads the commands out of a document: the lines that start with `$ ` in its ```console blocks. Called by readme.ts and by tests that
// run the same commands at small sizes. Blocks of any other kind are text, and are not run.

export type DocumentCommand = { readonly line: number; readonly command: string };

/** A command may go on over several lines, each but the last ending in a backslash. */
export function commandsOf(markdown: string): DocumentCommand[] {
  const commands: DocumentCommand[] = [];
  let fence: string | undefined;
  let pending: DocumentCommand | undefined;
  for (const [index, text] of markdown.split('\n').entries()) {
    if (text.startsWith('```')) fence = fence === undefined ? text.slice(3).trim() : undefined;
    else if (fence === 'console') {
      const start = text.startsWith('$ ') ? { line: index + 1, command: '' } : pending;
      if (start === undefined) continue;
      const part = text.startsWith('$ ') ? text.slice(2) : text.trim();
      const goesOn = part.endsWith('\\');
      const command = `${start.command} ${goesOn ? part.slice(0, -1) : part}`.trim().replaceAll(/ +/g, ' ');
      if (!goesOn) commands.push({ line: start.line, command });
      pending = goesOn ? { line: start.line, command } : undefined;
    }
  }
  return commands;
}

/** Only our own tools run: installing would pull the tree from under us, and servers would stay. */
export function isRunnable(command: string): boolean {
  return command.startsWith('npm run ') && !/^npm run (check|engines)/.test(command);
}
