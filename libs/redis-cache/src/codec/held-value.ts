/** A value ready to be handed to several callers: each gets a copy, or all the same frozen one. */
export interface HeldValue {
  readonly value: unknown;
  /** The value is deeply frozen, and handed out itself. */
  readonly frozen: boolean;
  /** By which codec it is stored, which makes copies of plain data cheaper; undefined if by none. */
  readonly codecId: number | undefined;
}
