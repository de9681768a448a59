/** Where a command writes to: a terminal, a file or a pipe. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  readonly rows?: number;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** All that a command has to do with the process around it. */
export interface Terminal {
  /** For what was asked for, and nothing else. */
  readonly stdout: Screen;
  /** For progress, questions and errors. */
  readonly stderr: Screen;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current folder. */
  readonly cwd: string;
  /**
   * Calls `listener` when the user or the system asks the process to end, which it then does not do by
   * itself.
   *
   * @returns ends that
   */
  onInterrupt(listener: () => void): () => void;
}
