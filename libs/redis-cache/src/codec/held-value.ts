/** A value ready to be handed to several callers: each gets a copy, or all the same frozen one. */
export interface HeldValue {
  /** Undefined as long as it is but text. */
  value: unknown;
  /**
   * The JSON that the value is read from when it is asked for. Of what is kept much is never asked for again:
   * a text is made already, and takes less than what it says.
   */
  text: string | undefined;
  /** The value is deeply frozen, and handed out itself. */
  readonly frozen: boolean;
  /** By which codec it is stored, which makes copies of plain data cheaper; undefined if by none. */
  readonly codecId: number | undefined;
}
